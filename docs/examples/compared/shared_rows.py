"""A list of lists, multiplied"""

board = [[0] * 2] * 2
board[0][0] = 1

print(board == [[1, 0], [0, 0]])
