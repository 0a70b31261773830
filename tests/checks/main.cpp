#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#include <algorithm>
#include <charconv>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "check.hpp"
#include "report.hpp"

namespace {

constexpr const char* help =
    R"(checks: judges an HTTP server over real sockets, step by step, and explains what is wrong

  checks --server COMMAND    start the server to judge: {port} stands for a free port, {options}
                             for options that some checks set (as --timeout-keep-alive 1)
  checks --address HOST:PORT judge a server that runs already

  --step N                   the checks of step N and of all steps before it (the highest)
  --only-since N             only those that step N adds
  --all                      show each failure in full, not only the first
  --first                    stop at the first failure
  --patience SECONDS         how long to wait for what must happen (2)
  --expect-all-to-fail       red before green: succeed only if each check fails
  --list, --markdown         name the checks and run none, as a table in Markdown
  --accept-and-close PORT    be a server that closes each connection at once
  --help                     show this text

Options of doctest select among them, as in -tc="*chunk*".

  checks --server "build/default/step03_keepalive/step03_keepalive --port {port} {options}"
  checks --server "python3 my_server.py {port}" --step 2
)";

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

int to_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) {
    throw UsageError("'" + text + "' is not a number");
  }
  return number;
}

int highest_step() {
  int step = 1;
  for (const auto& [name, about] : abouts()) step = std::max(step, about.since);
  return step;
}

void set_value(Settings& now, const std::string& name, const std::string& value) {
  if (name == "--server") now.command = value;
  if (name == "--address") now.address = value;
  if (name == "--step") now.step = to_number(value);
  if (name == "--only-since") now.only_since = to_number(value);
  if (name == "--patience") now.patience = std::chrono::seconds(to_number(value));
  if (name == "--accept-and-close") now.accept_and_close = to_number(value);
}

bool set_flag(Settings& now, const std::string& name) {
  if (name == "--all") return now.all = true;
  if (name == "--first") return now.first = true;
  if (name == "--expect-all-to-fail") return now.expect_all_to_fail = true;
  if (name == "--list") return now.list = true;
  if (name == "--markdown") return now.list = now.markdown = true;
  return false;
}

bool takes_value(const std::string& name) {
  constexpr std::array names = {"--server",     "--address",  "--step",
                                "--only-since", "--patience", "--accept-and-close"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Takes our options; what remains is doctest's.
std::vector<const char*> parse_options(int argc, char** argv) {
  std::vector<const char*> rest = {argv[0]};
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (takes_value(name)) {
      if (++i == argc) throw UsageError(name + " needs a value");
      set_value(settings(), name, argv[i]);
    } else if (!set_flag(settings(), name)) {
      if (name.rfind("-", 0) != 0) throw UsageError("'" + name + "' is not understood");
      rest.push_back(argv[i]);
    }
  }
  return rest;
}

// doctest's filters select by the test suites, which tell the steps that a check holds for.
void select_steps(doctest::Context& context) {
  const int step = settings().step;
  for (int other = 1; other <= 9; ++other) {
    const std::string suite = "step0" + std::to_string(other);
    if (other > step) context.addFilter("test-suite-exclude", (suite + '*').c_str());
    if (other < step) context.addFilter("test-suite-exclude", ("* to " + suite).c_str());
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

int accept_and_close(unsigned short port) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  while (true) acceptor.accept().close();
}

int finish() {
  stop_the_server();
  const auto troubles = take_troubles();
  if (settings().expect_all_to_fail) {
    print_unexpected();
  } else {
    report_bad_end("the server ends in order after all checks", troubles);
  }
  print_summary();
  const bool all_failed = count(Verdict::passed) + count(Verdict::not_judged) == 0;
  const bool good = settings().expect_all_to_fail ? all_failed : count(Verdict::failed) == 0;
  return good ? 0 : 1;
}

// What belongs to a check is found by its name.
void expect_different_names() {
  auto names = selected_checks();
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw std::logic_error("there are two checks \"" + *twice + '"');
}

// A server that answers nothing would fail each check after as long as one waits.
void expect_any_answer() {
  Client client(the_server());
  client.send(settings().step == 1 ? "hello\n" : another_request);
  const bool silent = !client.wait_for(1) && !client.ended();
  if (silent) client.fail(0, "an answer here");
  take_last_words();  // they belong to no check
}

int judge(const std::vector<const char*>& arguments) {
  run_doctest(arguments, true);
  expect_different_names();
  if (settings().list) {
    print_list(settings().markdown);
    return selected_checks().empty() ? 1 : 0;
  }
  if (settings().command.empty() == settings().address.empty()) {
    throw UsageError("give either --server or --address (--help says more)");
  }
  print_heading();
  if (selected_checks().empty()) {
    std::cout << "  no check is selected: nothing was judged\n0 passed, 0 failed\n";
    return 1;
  }
  try {
    the_server();
  } catch (const Failure& failure) {
    report_no_start(failure);
    return 1;
  }
  try {
    if (!settings().expect_all_to_fail) expect_any_answer();
  } catch (const Failure& failure) {
    report_no_answer(failure);
    print_summary();
    return 1;
  }
  start_early(selected_checks());
  run_doctest(arguments, false);
  return finish();
}

int run(int argc, char** argv) {
  const auto arguments = parse_options(argc, argv);
  for (const char* argument : arguments) {
    if (std::strcmp(argument, "--help") != 0 && std::strcmp(argument, "-h") != 0) continue;
    std::cout << help;
    return 0;
  }
  if (settings().accept_and_close >= 0) {
    return accept_and_close(static_cast<unsigned short>(settings().accept_and_close));
  }
  if (settings().only_since > 0 && settings().step == 0) settings().step = settings().only_since;
  if (settings().step == 0) settings().step = highest_step();
  return judge(arguments);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "checks: " << error.what() << '\n';
  }
  return 2;
}
