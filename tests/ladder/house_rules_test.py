"""The house rules see what they are meant to see, and nothing else."""

import pathlib
import tempfile
import unittest

import house_rules


class HouseRulesTest(unittest.TestCase):
    def check(self, text, check=house_rules.check, name="x.cpp"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "src" / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return [fault.split(f"{name}:")[1] for fault in check(path)]

    def test_grammar_includes_only_grammar(self):
        text = ('#include "http/a.hpp"\n#include <asio/buffer.hpp>\n#include <string>\n'
                '#include "utf8.hpp"\n#include "connection.hpp"\n#include "websocket/b.hpp"\n')
        faults = ["2: grammar has no <asio", '5: grammar has no "connection.hpp"']
        for name in ("http/a.cpp", "websocket/b.hpp", "utf8.cpp"):
            self.assertEqual(self.check(text, name=name), faults, name)
        for name in ("session.cpp", "web_socket.hpp", "asgi/scope.hpp", "demo/http.cpp"):
            self.assertEqual(self.check(text, name=name), [], name)

    def test_what_may_not_wait(self):
        text = "// no awaitable\nusing asio::awaitable;\nx = co_await f();\n"
        faults = [f"{place} stands where nothing may wait"
                  for place in ("2: awaitable", "3: co_await")]
        for name in ("http/a.cpp", "websocket/b.hpp", "utf8.hpp", "asgi/scope.cpp", "asgi/asgi.cpp"):
            self.assertEqual(self.check(text, name=name), faults, name)
        for name in ("asgi/asgi.hpp", "asgi/channel.cpp", "body_reader.cpp", "demo/http.cpp"):
            self.assertEqual(self.check(text, name=name), [], name)

    def test_what_bash_3_2_does_not_know(self):
        for line in ("x) y ;;&", "a |& b", "mapfile -t a", "declare -A a", 'echo "${a,,}"'):
            faults = self.check(f"echo\n{line}\n", house_rules.check_script)
            self.assertEqual(len(faults), 1, line)
            self.assertIn("2: bash 3.2 has no ", faults[0])
        known = 'x) y ;;\na 2>&1 | b & c\nlocal a=$1\n[[ $a =~ ^([1-9])$ ]] && echo "${a%,}"\n'
        self.assertEqual(self.check(known, house_rules.check_script), [])

    def test_co_await_in_a_condition(self):
        for condition in (
            "if (co_await f())",
            "if (!co_await f())",
            "while (a &&\n       co_await f(b()))",
            "for (int i = 0; co_await f(i); ++i)",
            "switch (co_await f())",
            "} else if (co_await f())",
        ):
            with self.subTest(condition):
                faults = self.check(f"int a;\n  {condition} {{\n")
                self.assertEqual(len(faults), 1)
                self.assertIn("2: co_await in the condition", faults[0])

    def test_co_await_elsewhere(self):
        self.assertEqual(
            self.check(
                "bool ok = co_await f();\n"
                "if (ok) co_await g();\n"
                "for (;;) {\n  co_await f();\n}\n"
                "// if (co_await f())\n"
                'log("if (co_await f())");\n'
            ),
            [],
        )

    def test_a_function_is_measured_from_its_signature_to_its_brace(self):
        body = "  call();\n" * 28
        self.assertEqual(self.check(f"void f(int a) {{\n{body}}}\n"), [])
        self.assertEqual(
            self.check(f"\nvoid f(int a) {{\n{body}  one();\n}}\n"),
            ["2: a function of 31 lines; at most 30"],
        )

    def test_a_long_signature_counts(self):
        body = "  call();\n" * 28
        self.assertEqual(
            self.check(f"void f(int a,\n       int b) {{\n{body}}}\n"),
            ["1: a function of 31 lines; at most 30"],
        )

    def test_members_in_a_class_are_measured_and_the_class_is_not(self):
        body = "    call();\n" * 29
        self.assertEqual(
            self.check(f"class C {{\n public:\n  void f() {{\n{body}  }}\n}};\n"),
            ["3: a function of 31 lines; at most 30"],
        )
        self.assertEqual(self.check("struct S {\n" + "  int a;\n" * 40 + "};\n"), [])
        self.assertEqual(self.check("namespace n {\n" + "int f();\n" * 40 + "}\n"), [])

    def test_a_table_is_not_a_function_and_hides_none(self):
        body = "  call();\n" * 29
        table = "const auto table = {\n" + "  f(1),\n" * 40 + "};\n"
        self.assertEqual(
            self.check(f"{table}template <typename T>\nvoid f(T a) {{\n{body}}}\n"),
            ["43: a function of 32 lines; at most 30"],
        )


if __name__ == "__main__":
    unittest.main()
