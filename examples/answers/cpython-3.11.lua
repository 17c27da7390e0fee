-- CPython 3.11's geometry and rules. Its arenas of 1 MiB are obtained rarely, and for a program
-- of a few megabytes much of what is held is not in use.
return { profile = "3.11" }
