#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#include <algorithm>
#include <charconv>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "check.hpp"
#include "judge.hpp"

namespace {

constexpr const char* help =
    R"(checks: judges an HTTP server over real sockets, step by step, and explains what is wrong

  checks --server COMMAND    start the server to judge: {port} stands for a free port, {options}
                             for options that some checks set (as --timeout-keep-alive 1)
  checks --address HOST:PORT judge a server that runs already

  --step N                   the checks of step N and of all steps before it (the highest); as 3.2
                             only those of its first two moves
  --only-since N             only those that step N adds
  --climb                    from step to step, up to the first that fails: its first failure in full
  --more COMMAND             with --climb: what shows the failures of {step} that it does not
  --progress FOLDER          keep there what passed, and compare it with the last run's
  --all                      show each failure in full, not only the first
  --first                    stop at the first failure
  --patience SECONDS         how long to wait for what must happen (2)
  --expect-all-to-fail       red before green: succeed only if each check fails
  --list, --markdown         name the checks and run none, as a table in Markdown
  --standing FILE            write there how far the server has come, and what it fails, as a form
                             for the wall of the room (./workshop room)
  --next MOVE                what that form names when all has passed, after a step's last move
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

// A step, as 3, or a move of it, as 3.2.
void set_step(Settings& now, const std::string& value) {
  const std::size_t point = value.find('.');
  now.step = to_number(value.substr(0, point));
  if (point != value.npos) now.move = to_number(value.substr(point + 1));
}

void set_value(Settings& now, const std::string& name, const std::string& value) {
  if (name == "--server") now.command = value;
  if (name == "--address") now.address = value;
  if (name == "--step") set_step(now, value);
  if (name == "--only-since") now.only_since = to_number(value);
  if (name == "--more") now.more = value;
  if (name == "--progress") now.progress = value;
  if (name == "--standing") now.standing = value;
  if (name == "--next") now.next = value;
  if (name == "--patience") now.patience = std::chrono::seconds(to_number(value));
  if (name == "--accept-and-close") now.accept_and_close = to_number(value);
}

bool set_flag(Settings& now, const std::string& name) {
  if (name == "--climb") return now.climb = true;
  if (name == "--all") return now.all = true;
  if (name == "--first") return now.first = true;
  if (name == "--expect-all-to-fail") return now.expect_all_to_fail = true;
  if (name == "--list") return now.list = true;
  if (name == "--markdown") return now.list = now.markdown = true;
  return false;
}

bool takes_value(const std::string& name) {
  constexpr std::array names = {"--server",     "--address",  "--step",
                                "--only-since", "--more",     "--progress",
                                "--standing",   "--next",     "--patience",
                                "--accept-and-close"};
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

int accept_and_close(unsigned short port) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  while (true) acceptor.accept().close();
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
  if (!settings().list && settings().command.empty() == settings().address.empty()) {
    throw UsageError("give either --server or --address (--help says more)");
  }
  return settings().climb ? climb(arguments) : judge(arguments);
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
