"""What the benchmark makes of what it reads: profiles, samples, rows, the budget."""

import configparser
import unittest
import xml.etree.ElementTree

import bench
import budget
import instructions
import load
import picture
import report
import servers

PROFILE = """events: Ir
fn=(1) main
5 100
cfn=(2) operator new(unsigned long)
calls=7 1
5 300
fn=(2)
9 40
cob=(3) libc.so
cfn=(4) malloc
calls=7 0
9 900
fn=(4)
1 800
cfn=(5) free
calls=99 0
9 12
fn=(6) Cache::fill
3 4
cfn=(4)
calls=2 0
3 50
totals: 2222
"""


class BenchTest(unittest.TestCase):
    def rows(self):
        measured = bench.Bench.__new__(bench.Bench)
        measured.rows = []
        step, nginx = servers.Server("step05_x", ()), servers.Server("nginx", ())
        runs = {step: (3.0, 9.0, 4.0), nginx: (6.0, 9.0, 4.0)}
        measured.add_load_rows({
            (server, "http plain"): [load.Sample(cpu, 1000.0, 0.5) for cpu in cpus]
            for server, cpus in runs.items()})
        return measured.rows

    def test_a_profile_has_instructions_and_calls_of_allocators(self):
        self.assertEqual(instructions.read_profile(PROFILE), (2222, 9))

    def test_ratios_are_taken_within_a_round(self):
        row = self.rows()[0]
        self.assertEqual((row["cpu_us"], row["cpu_us_low"], row["cpu_us_high"]), (4, 3, 9))
        self.assertEqual((row["ratio"], row["ratio_low"], row["ratio_high"]), (1, 0.5, 1))

    def test_an_application_in_python_is_compared_with_uvicorn(self):
        measured = bench.Bench.__new__(bench.Bench)
        measured.rows = []
        step, uvicorn = servers.Server("step06_x", ()), servers.Server("uvicorn", ())
        runs = {step: [(20.0, 30e3), (30.0, 20e3), (24.0, 44e3)],
                uvicorn: [(40.0, 20e3), (40.0, 20e3), (40.0, 20e3)]}
        measured.add_load_rows({
            (server, "python hello"): [load.Sample(cpu, rate, 0.5) for cpu, rate in samples]
            for server, samples in runs.items()})
        row = measured.rows[0]
        self.assertEqual((row["ratio_to"], row["ratio"], row["per_second_ratio"]),
                         ("uvicorn", 0.6, 1.5))
        text = report.text({"date": "", "machine": "", "versions": {}, "rows": measured.rows})
        for words in ("An application in Python, hello", "0.60", "/ uvicorn: step06_x 1.50"):
            self.assertIn(words, text)

    def test_the_same_file_runs_on_each_server_that_can(self):
        step = servers.Server("step06_python", ("program", "--port", "{port}"))
        found = dict(servers.python_hosts([servers.Server("step05_websocket", ()), step]))
        self.assertIn("hello", found)  # which needs no framework
        for name, hosts in found.items():
            self.assertEqual(hosts[0].name, "step06_python")
            for host in hosts:
                app = next(word for word in host.on_port(1) if word.endswith(":app"))
                self.assertTrue(app.rpartition("/")[2] in ("hello:app", f"with_{name}:app"), app)

    def test_a_run_that_fails_is_no_sample(self):
        class Running:
            def cpu_seconds(self):
                return 0

        for script in ("exit 1", "echo 5 messages; exit 1", "echo 0 messages", "echo nothing"):
            with self.subTest(script), self.assertRaises(SystemExit):
                load.measure(Running(), ["sh", "-c", script], r"(\d+) messages")
        sample = load.measure(Running(), ["echo", "5 messages"], r"(\d+) messages")
        self.assertGreater(sample.per_second, 0)

    def test_the_budget_is_kept_or_not(self):
        recorded = configparser.ConfigParser()
        recorded.read_string("[step]\ninstructions = 1000\nallocations = 0\n")
        for figures, kept in (({"instructions": 1050, "allocations": 0}, True),
                              ({"instructions": 1051}, False), ({"allocations": 1}, False)):
            with self.subTest(figures):
                verdicts = [verdict for _, verdict in budget.judge(recorded, {"step": figures})]
                self.assertEqual(all(verdicts), kept)

    def test_text_and_picture_have_all_that_was_measured(self):
        rows = self.rows() + [{"server": "nginx", "kind": "http idle", "connections": 10,
                               "octets": 2048, "cpu_us": 6.5, "per_second": 9}]
        found = {"date": "2020-01-01", "machine": "a < b", "versions": {}, "rows": rows}
        text = report.text(found)
        for words in ("step05_x", "2,048", "4.00", "0.50 - 1.00"):
            self.assertIn(words, text)
        drawn = xml.etree.ElementTree.fromstring(picture.draw(found))
        words = "".join(drawn.itertext())
        for word in ("step05_x", "2.0 KiB", "1.00 of nginx", "a < b"):
            self.assertIn(word, words)


if __name__ == "__main__":
    unittest.main()
