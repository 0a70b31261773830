#include "judge.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "report.hpp"

namespace {

// doctest's filters select by the test suites, which tell the steps that a check holds for, and the
// move that it belongs to.
void select_steps(doctest::Context& context) {
  const int step = settings().step;
  const int end_before = settings().climb && step > 1 ? step + 1 : step;
  for (int other = 1; other <= 9; ++other) {
    const std::string suite = "step0" + std::to_string(other);
    if (other > step) context.addFilter("test-suite-exclude", (suite + '*').c_str());
    if (other < end_before) context.addFilter("test-suite-exclude", ("* to " + suite).c_str());
    const bool cut = other == step && settings().move > 0;
    for (int move = settings().move + 1; cut && move <= 99; ++move) {
      const std::string part = suite + (move < 10 ? ".0" : ".") + std::to_string(move) + '*';
      context.addFilter("test-suite-exclude", part.c_str());
    }
    if (other == settings().only_since) context.addFilter("test-suite", (suite + '*').c_str());
  }
  context.addFilter("reporters", "checks");
  context.setOption("order-by", "suite");
}

void run_doctest(std::vector<const char*> arguments, bool query) {
  if (query) arguments.push_back("--list-test-cases");
  doctest::Context context;
  select_steps(context);
  context.applyCommandLine(static_cast<int>(arguments.size()), arguments.data());
  context.run();
}

// What belongs to a check is found by its name.
void expect_different_names() {
  auto names = selected_checks();
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw std::logic_error("there are two checks \"" + *twice + '"');
}

void select_checks(const std::vector<const char*>& arguments) {
  selected_checks().clear();
  run_doctest(arguments, true);
  expect_different_names();
}

// Runs them, and ends the server behind them.
void run_checks(const std::vector<const char*>& arguments) {
  start_early(selected_checks());
  run_doctest(arguments, false);
  stop_the_server();
  const auto troubles = take_troubles();
  if (settings().expect_all_to_fail) return;
  report_bad_end("the server ends in order after all checks", troubles);
}

// Returns the exit status.
int conclude() {
  if (settings().expect_all_to_fail) print_unexpected();
  print_summary();
  const bool all_failed = count(Verdict::passed) + count(Verdict::not_judged) == 0;
  const bool good = settings().expect_all_to_fail ? all_failed : count(Verdict::failed) == 0;
  return good ? 0 : 1;
}

int nothing_selected() {
  std::cout << "  no check is selected: nothing was judged\n0 passed, 0 failed\n";
  return 1;
}

// Otherwise the report says so. Work that begins early finds the server that all share.
bool starts() {
  try {
    the_server();
    return true;
  } catch (const Failure& failure) {
    report_no_start(failure);
    return false;
  }
}

// A server that answers nothing would fail each check after as long as one waits.
void expect_any_answer() {
  Client client(the_server());
  client.send(settings().step == 1 ? "hello\n" : another_request);
  const bool silent = !client.wait_for(1) && !client.ended();
  if (silent) client.fail(0, "an answer here");
  take_last_words();  // they belong to no check
}

// Otherwise the report says so.
bool answers() {
  try {
    if (!settings().expect_all_to_fail) expect_any_answer();
    return true;
  } catch (const Failure& failure) {
    report_no_answer(failure);
    print_summary();
    return false;
  }
}

// An echo begins with what it is sent. One request may be what the server dies of.
bool speaks_http() {
  bool http = false;
  try {
    for (const char* request : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
      Client client(the_server());
      client.send(request);
      client.wait_for(5);
      http = http || client.received().substr(0, 5) == "HTTP/";
      if (http || !client.ended()) break;
    }
  } catch (const Failure&) {  // no connection: the checks will tell
  }
  restart_the_server();
  take_own_troubles();  // they belong to no check
  return http;
}

}  // namespace

int judge(const std::vector<const char*>& arguments) {
  select_checks(arguments);
  if (settings().list) {
    print_list(settings().markdown);
    return selected_checks().empty() ? 1 : 0;
  }
  print_heading();
  if (selected_checks().empty()) return nothing_selected();
  if (!starts() || !answers()) return 1;
  run_checks(arguments);
  return conclude();
}

int climb(const std::vector<const char*>& arguments) {
  print_heading();
  if (!starts()) return 1;
  const int last = settings().step;
  settings().step = speaks_http() ? std::min(2, last) : 1;
  select_checks(arguments);
  if (!answers()) return 1;
  run_checks(arguments);
  while (count(Verdict::failed) == 0 && settings().step < last) {
    settings().only_since = ++settings().step;
    select_checks(arguments);
    if (!starts()) return 1;
    run_checks(arguments);
  }
  const bool judged = count(Verdict::passed) + count(Verdict::failed) > 0;
  return judged ? conclude() : nothing_selected();
}
