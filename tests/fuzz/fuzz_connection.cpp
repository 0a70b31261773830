// Any bytes as all that one client sends: the session of the last step, from the first octet to the
// end of the connection, with an application that answers with what it was asked.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <chrono>
#include <deque>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "answer.hpp"
#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "fuzz.hpp"
#include "http/error.hpp"
#include "http/request.hpp"
#include "options.hpp"
#include "session.hpp"

namespace {

using namespace std::chrono_literals;

// What the application has sent, in order: what the client must receive.
struct Sent {
  std::string method;
  std::string body;
};

std::deque<Sent> all_sent;

// The method, and the body as it came: all of it before the answer, which /stream sends in pieces.
// /late does not ask for it, /fail throws in the end, and a client that goes gets nothing.
asgi::awaitable<void> answer_http(const asgi::HttpScope& scope, asgi::Receive receive,
                                  asgi::Send send) {
  std::string body(scope.method);
  body += ' ';
  bool more = scope.path != "/late";
  while (more) {
    const asgi::ReceiveEvent event = co_await receive();
    const auto* const request = std::get_if<asgi::HttpRequest>(&event);
    if (!request) co_return;
    body += request->body;
    more = request->more_body;
  }
  if (scope.path == "/fail") throw std::runtime_error("this path fails");
  all_sent.push_back({std::string(scope.method), body});
  const std::size_t half = scope.path == "/stream" ? body.size() / 2 : 0;
  co_await send(asgi::HttpResponseStart(200));
  if (half > 0) co_await send(asgi::HttpResponseBody(body.substr(0, half), true));
  co_await send(asgi::HttpResponseBody(body.substr(half)));
}

asgi::awaitable<void> answer_websocket(const asgi::WebSocketScope& scope, asgi::Receive receive,
                                       asgi::Send send) {
  asgi::ReceiveEvent event = co_await receive();  // websocket.connect
  if (scope.path != "/ws") co_return;
  co_await send(asgi::WebSocketAccept());
  for (;;) {
    event = co_await receive();
    auto* const message = std::get_if<asgi::WebSocketReceive>(&event);
    if (!message) co_return;
    if (message->text) {
      co_await send(asgi::WebSocketSend::of_text(std::move(*message->text)));
    } else {
      co_await send(asgi::WebSocketSend::of_bytes(std::move(*message->bytes)));
    }
  }
}

asgi::awaitable<void> answer(const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
  if (const auto* const http = std::get_if<asgi::HttpScope>(&scope)) {
    return answer_http(*http, std::move(receive), std::move(send));
  }
  const auto& websocket = std::get<asgi::WebSocketScope>(scope);
  return answer_websocket(websocket, std::move(receive), std::move(send));
}

// As the server does it.
awaitable<void> serve_and_close(Connection& connection, const Options& options,
                                const asgi::App& app, const asgi::State& state) {
  try {
    co_await serve(connection, options, app, state);
  } catch (const Disconnected&) {
  }
  co_await connection.close();
}

Options without_log() {
  Options options;
  options.access_log = false;
  return options;
}

// A client at one end of a pair of sockets, and the server's connection at the other.
class Dialogue {
 public:
  // All that the client receives when it sends `input` in segments, then ends its sending side.
  std::string hold(std::string_view input) {
    Segments segments(input);
    Connection connection(server_end(), options_.timeout_write, lingering_);
    asio::co_spawn(io_, serve_and_close(connection, options_, app_, state_),
                   [this](std::exception_ptr failure) {
                     require(!failure, "no exception leaves the session");
                     ended_ = true;
                   });
    while (!input.empty() && !ended_) {
      const std::string_view segment = input.substr(0, segments.next());
      client_.send(asio::buffer(segment), 0, ignored_);
      input.remove_prefix(segment.size());
      io_.poll();
      read();
    }
    client_.shutdown(asio::socket_base::shutdown_send, ignored_);
    while (!ended_) {
      require(io_.run_one_for(10s) > 0, "the connection ends soon after its client's last octet");
      read();
    }
    read();
    return received_;
  }

 private:
  tcp::socket server_end() {
    std::array<int, 2> ends;
    require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "there are sockets");
    client_.assign(tcp::v4(), ends[0]);
    client_.non_blocking(true);
    return tcp::socket(io_, tcp::v4(), ends[1]);
  }

  void read() {
    asio::error_code ec;
    while (!ec) {
      const std::size_t size = client_.read_some(asio::buffer(piece_), ec);
      received_.append(piece_.data(), size);
    }
  }

  const Options options_ = without_log();
  std::size_t lingering_ = 0;
  const asgi::App app_ = answer;
  const asgi::State state_;
  asio::io_context io_{1};
  tcp::socket client_{io_};
  std::array<char, 16 * 1024> piece_;
  std::string received_;
  asio::error_code ignored_;
  bool ended_ = false;
};

// The status with which the first request of `input` has to be refused; 0: not for its head.
int first_refusal(std::string_view input) {
  http::Request request;
  try {
    http::parse_request(input, request);
    return 0;
  } catch (const http::Error& error) {
    return error.status();
  }
}

// Each answer is the next one of those that were sent; one more, a refusal, may be the last.
class Reading {
 public:
  explicit Reading(std::string_view received) : received_(received) {}

  void check_refusal(int status) {
    const Answer answer = parse("");
    require(answer.status == status, "a head that is not valid is refused for that");
    require(answer.announces_close() && answer.end == received_.size(), "and nothing follows");
  }

  void check() {
    while (at_ < received_.size() && !refused_) read_answer();
    require(all_sent.empty(), "each answer that was sent arrives");
    if (upgraded_) return check_frames();
    require(at_ == received_.size(), "nothing follows the last answer");
  }

 private:
  void read_answer() {
    const std::string method = all_sent.empty() ? std::string() : all_sent.front().method;
    const Answer answer = parse(method);
    at_ = answer.end;
    upgraded_ = answer.status == 101;
    refused_ = upgraded_ || answer.status >= 400;
    if (answer.status == 100 || refused_) return;
    require(answer.status == 200 && !all_sent.empty(), "no answer but those that were sent");
    require(method == "HEAD" || answer.body == all_sent.front().body, "it has the body of that");
    all_sent.pop_front();
  }

  // A refusal of HEAD has no body, and nobody has told us what was refused.
  Answer parse(std::string_view method) const {
    const Progress progress = parse_answer(received_, at_, method, true);
    if (progress.answer) return *progress.answer;
    const Progress head = parse_answer(received_, at_, "HEAD", true);
    require(head.answer && head.answer->status >= 400 && head.answer->end == received_.size(),
            "each answer is whole");
    return *head.answer;
  }

  // A server's frames are not masked, and have the shortest form of their length.
  void check_frames() {
    while (at_ < received_.size() && !closed_) {
      const unsigned first = octet(0);
      const unsigned length = octet(1);
      const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
      require(length < 128, "a server does not mask");
      std::size_t size = extended == 0 ? length : 0;
      for (std::size_t i = 0; i < extended; ++i) size = size << 8 | octet(2 + i);
      require(extended == 0 || size > (extended == 2 ? 125U : 65535U), "a length is short");
      at_ += 2 + extended + size;
      require(at_ <= received_.size(), "each frame is whole");
      closed_ = (first & 15) == 8;
    }
    require(at_ == received_.size(), "nothing follows a Close");
  }

  unsigned octet(std::size_t offset) const {
    require(at_ + offset < received_.size(), "each frame is whole");
    return static_cast<unsigned char>(received_[at_ + offset]);
  }

  std::string_view received_;
  std::size_t at_ = 0;
  bool refused_ = false;
  bool upgraded_ = false;
  bool closed_ = false;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  all_sent.clear();
  std::streambuf* const log = std::cerr.rdbuf(nullptr);  // of the path that fails, for one
  Dialogue dialogue;
  const std::string received = dialogue.hold(input);
  std::cerr.rdbuf(log);
  const int status = first_refusal(input);
  if (status != 0) Reading(received).check_refusal(status);
  Reading(received).check();
  return 0;
}
