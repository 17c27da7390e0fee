std = "lua54"
max_line_length = 100
max_cyclomatic_complexity = 12
exclude_files = { "build*", ".cache", "types" }
include_files = { "**/*.lua", "lua/bin/pymalloc", "script/layers", "script/invariants",
                  "script/mutations", "script/lessons", "script/documented", "script/reference",
                  "script/life", "script/pictures", "script/prove", "script/record-counts",
                  "script/fuzz-live", "rockspec/*.rockspec", ".busted", ".luacheckrc" }
files["spec"] = { std = "+busted" }
files["examples/module"] = { std = "+busted" }
files["rockspec"] = { std = "+rockspec" }
files[".luacheckrc"] = { std = "+luacheckrc" }
