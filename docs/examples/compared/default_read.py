"""Correct: a default that is only read"""

def total(prices, discounts=[]):
    return sum(prices) - sum(discounts)


print(total([10, 20]) == 30)
