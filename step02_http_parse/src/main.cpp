#include <csignal>
#include <exception>
#include <iostream>

#include "command_line.hpp"
#include "options.hpp"
#include "server.hpp"
#include "session.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a log that nobody reads any more must not end the server
  try {
    const Options options = parse_options(argc, argv);
    if (options.help) {
      std::cout << help_text();
      return 0;
    }
    Server server(options, serve);
    server.listen();
    std::cout << "listening on http://" << server.local_endpoint() << std::endl;
    server.run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
