#!/usr/bin/env python3
"""Plants violations in a small house and expects layers.py to catch each; a clean one passes."""

import pathlib
import tempfile
import unittest

import layers

TABLE = """
row 1 base
row 2 json crypto
row 3 store
row 8 net
row 9 runtime
only net 1
header base errc.hpp
header runtime asio.hpp
home nlohmann/* src/json
home sqlite3*.h src/store/sqlite
home asio.hpp src/net src/runtime include/conclave/asio.hpp
home openssl/ssl.h src/net
home openssl/* src/crypto
"""

# What every planted file starts with, so that it breaks one rule only.
HPP = "// A file.\n#pragma once\n"
CPP = "// A file.\n"

CLEAN = {
    "include/conclave/errc.hpp": HPP + "#include <string>\n",
    "include/conclave/asio.hpp": HPP + "#include <conclave/errc.hpp>\n#include <asio.hpp>\n",
    "src/base/clock.hpp": HPP + "#include <chrono>\nclass clock { virtual ~clock(); };\n",
    "src/json/parse.cpp": CPP + '#include "base/clock.hpp"\n#include <nlohmann/json.hpp>\n',
    "src/crypto/random.cpp": CPP + "#include <openssl/rand.h>\nint x = RAND_bytes(p, 1);\n",
    "src/store/store.cpp": CPP + '#include "json/parse.hpp"\n#include "store/row.hpp"\n',
    "src/store/sqlite/engine.cpp": CPP + "#include <sqlite3.h>\n#include <thread>\n",
    "src/net/tls.cpp": CPP + "#include <openssl/ssl.h>\n#include <sys/socket.h>\n",
    "src/runtime/clock.cpp": CPP + "auto t = std::chrono::steady_clock::now();\n",
    "src/base/quotes.cpp": CPP + "const char* s = \"// getenv\"; /* std::cout */ int n = 1'000;\n"
    "auto r = R\"(std::thread)\"; // random_device\n",
    "docs/notes.md": "Any words.\n",
}

# (file, content, what the report must say)
PLANTED = [
    ("src/base/a.cpp", CPP + '#include "json/parse.hpp"\n', "base must not include"),
    ("src/json/a.cpp", CPP + '#include "crypto/hmac.hpp"\n', "json must not include"),
    ("src/store/a.cpp", CPP + '#include "runtime/loop.hpp"\n', "store must not include"),
    ("src/base/a.cpp", CPP + "#include <conclave/asio.hpp>\n", "base must not include"),
    ("src/base/a.cpp", CPP + '  #  include "net/pool.hpp"\n', "base must not include"),
    ("src/net/a.cpp", CPP + '#include "store/row.hpp"\n', "net must not include"),
    ("src/net/a.cpp", CPP + '#include "json/parse.hpp"\n', "net must not include"),
    ("src/json/a.cpp", CPP + '#include "parse.hpp"\n', "is not named from src/"),
    ("src/json/a.cpp", CPP + '#include "../base/clock.hpp"\n', "is not named from src/"),
    ("src/json/a.cpp", CPP + "#include <conclave/none.hpp>\n", "has no row"),
    ("include/conclave/new.hpp", HPP, "has no row"),
    ("src/misc/a.cpp", CPP, "is in no folder that has a row"),
    ("src/a.cpp", CPP, "is in no folder that has a row"),
    ("src/base/a.cpp", CPP + "#include <nlohmann/json.hpp>\n", "src/json only"),
    ("src/net/a.cpp", CPP + "#include <openssl/evp.h>\n", "src/crypto only"),
    ("src/crypto/a.cpp", CPP + "#include <openssl/ssl.h>\n", "src/net only"),
    ("src/store/a.cpp", CPP + "#include <sqlite3.h>\n", "src/store/sqlite only"),
    ("src/store/a.cpp", CPP + "#include <asio.hpp>\n", "src/net, src/runtime"),
    ("src/base/a.cpp", CPP + "#include <thread>\n", "touches a thread"),
    ("src/store/a.cpp", CPP + "std::jthread t;\n", "touches a thread"),
    ("src/store/a.cpp", CPP + "std::this_thread::sleep_for(d);\n", "touches a thread"),
    ("src/store/a.cpp", CPP + "auto t = std::chrono::system_clock::now();\n", "touches a clock"),
    ("src/store/a.cpp", CPP + "auto t = std::time(nullptr);\n", "touches a clock"),
    ("src/store/a.cpp", CPP + "std::random_device d;\n", "touches a random device"),
    ("src/store/a.cpp", CPP + "int n = RAND_bytes(p, 1);\n", "touches a random device"),
    ("src/store/a.cpp", CPP + "#include <sys/socket.h>\n", "touches a socket"),
    ("src/store/a.cpp", CPP + "#include <fstream>\n", "touches a file"),
    ("src/store/a.cpp", CPP + "#include <unistd.h>\n", "touches a file"),
    ("src/store/a.cpp", CPP + "#include <fcntl.h>\n", "touches a file"),
    ("src/runtime/a.cpp", CPP + 'auto e = std::getenv("HOME");\n', "touches the environment"),
    ("src/runtime/a.cpp", CPP + "std::cerr << 1;\n", "touches standard input or output"),
    ("src/runtime/a.cpp", CPP + "std::atexit(f);\n", "touches signals or exit handlers"),
    ("include/conclave/errc.hpp", HPP + "#include <openssl/evp.h>\n", "src/crypto only"),
    ("include/conclave/errc.hpp", HPP + "#include <asio.hpp>\n", "include/conclave/asio.hpp only"),
    ("include/conclave/errc.hpp", HPP + '#include "base/clock.hpp"\n', "includes the internal"),
    ("src/base/a.cpp", CPP + "// TO" + "DO: later\n", "holds the mark"),
    ("docs/a.md", "FIX" + "ME\n", "holds the mark"),
    ("docs/a.md", "see /ro" + "ot/notes\n", "somebody's machine"),
    ("src/base/a.cpp", "int x;\n", "does not start with a comment"),
    ("src/base/a.hpp", "// A file.\n", "lacks #pragma once"),
    ("src/base/a.cpp", "// " + "x" * 97 + "\n", None),
    ("src/base/a.cpp", "// " + "x" * 98 + "\n", "longer than 100 columns"),
    ("src/base/a.cpp", CPP + "\n" * 599, None),
    ("src/base/a.cpp", CPP + "\n" * 600, "longer than 600 lines"),
]


def problems_of(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return layers.Checker(root, layers.House(TABLE)).run()


class LayersTest(unittest.TestCase):
    def test_a_clean_house_passes(self):
        self.assertEqual(problems_of(CLEAN), [])

    def test_planted_violations_are_caught(self):
        for path, text, expected in PLANTED:
            with self.subTest(path=path, text=text[-60:]):
                found = problems_of({**CLEAN, path: text})
                if expected is None:
                    self.assertEqual(found, [])
                else:
                    self.assertTrue(found, "not caught")
                    for problem in found:
                        self.assertIn(expected, problem)
                        self.assertIn(path, problem)

    def test_a_listed_header_that_is_gone_is_caught(self):
        files = {path: text for path, text in CLEAN.items() if "asio" not in path}
        self.assertIn("asio.hpp, which does not exist", "\n".join(problems_of(files)))

    def test_a_header_listed_twice_is_refused(self):
        with self.assertRaisesRegex(ValueError, "errc.hpp stands twice"):
            layers.House(TABLE + "header store errc.hpp\n")

    def test_the_line_of_a_violation_is_named(self):
        text = CPP + "/* two\nlines */\n" + '#include "json/parse.hpp"\n'
        (problem,) = problems_of({**CLEAN, "src/base/a.cpp": text})
        self.assertTrue(problem.startswith("src/base/a.cpp:4: "), problem)


if __name__ == "__main__":
    unittest.main()
