"""The default of a ContextVar"""

from contextvars import Context, ContextVar

tags = ContextVar("tags", default=[])
Context().run(lambda: tags.get().append("a"))

print(Context().run(tags.get) == [])
