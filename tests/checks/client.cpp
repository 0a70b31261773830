#include "client.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

#include "server.hpp"
#include "settings.hpp"
#include "text.hpp"

using namespace std::chrono_literals;

namespace {

// The socket is not to be inherited by servers that are started later: a copy there would keep
// the connection open when we close ours.
void open_private(tcp::socket& socket, const tcp::endpoint& server) {
  socket.open(server.protocol());
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

// RFC 9112 section 9.6
void tell_rule_of_reset(Failure& failure) {
  failure.rule =
      "a server that closes with input unread causes a reset, and the client may lose the answer: "
      "it ends its sending side, reads on, and closes then";
  failure.look_at = "Connection::close() in connection.cpp";
}

std::string activity_in_words(const tcp::endpoint& server) {
  switch (activity_of(server)) {
    case Activity::spins: return "it is busy all the time: a loop goes round and waits for nothing";
    case Activity::waits: return "it takes no processor time: it waits for what does not come";
    case Activity::unknown: return "";
  }
  return "";
}

}  // namespace

Client::Client(const tcp::endpoint& server, Reading reading)
    : server_(server), socket_(io_), chunk_(65536, '\0'), patience_(patience()) {
  open_private(socket_, server);
  if (reading == Reading::never) socket_.set_option(asio::socket_base::receive_buffer_size(4096));
  bool done = false;
  asio::error_code error;
  socket_.async_connect(server, [&](asio::error_code ec) {
    error = ec;
    done = true;
  });
  if (!wait_patiently([&] { return done; }, patience_)) {
    socket_.close();
    io_.run();
    error = asio::error::timed_out;
  }
  if (error) throw Failure{{}, "a connection (we got: " + error.message() + ')', std::nullopt};
  const std::string options = options_of(server);  // without them the report is a riddle
  if (!options.empty()) story_.push_back({Event::Kind::note, options, "started with", ""});
  asio::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  if (reading == Reading::always) start_reading();
}

void Client::send(std::string_view bytes) {
  tell_received();
  story_.push_back(sent_event(bytes, ""));
  write(bytes);
}

void Client::send_byte_by_byte(std::string_view bytes, bool until_answered) {
  tell_received();
  const bool goes_on = !story_.empty() && story_.back().how == "byte by byte";
  if (!goes_on) story_.push_back(sent_event("", "byte by byte"));
  const std::size_t before = received_.size();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    story_.back().bytes += bytes[i];
    write(bytes.substr(i, 1));
    io_.poll();
    if (send_failed_ || (until_answered && (received_.size() > before || ended()))) return;
  }
}

void Client::begin_frames(const std::string& opened, std::size_t ours) {
  frames_at_ = position_;
  story_.back().opened = opened;
  story_.back().frames_from = ours;
}

bool Client::wait_for(std::size_t size) {
  while (unjudged().size() < size) {
    if (!wait_for_more()) return false;
  }
  return true;
}

std::size_t Client::send_until_stuck(std::string_view bytes, std::size_t limit,
                                     std::chrono::milliseconds pause) {
  std::size_t sent = 0;
  while (sent < limit && !send_failed_) {
    bool done = false;
    const std::string_view rest = bytes.substr(sent % bytes.size(), limit - sent);
    socket_.async_write_some(asio::buffer(rest), [&](asio::error_code ec, std::size_t size) {
      sent += size;
      send_failed_ = static_cast<bool>(ec);
      done = true;
    });
    if (wait_patiently([&] { return done; }, pause)) continue;
    socket_.cancel();
    wait_until([&] { return done; }, patience_);
    break;
  }
  note(grouped(sent) + " bytes: " + escape(bytes.substr(0, 30)) + "... over and over");
  story_.back().how = "we sent";
  return sent;
}

void Client::shut_down_sending() {
  asio::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  if (!story_.empty() && story_.back().kind == Event::Kind::sent) {
    story_.back().then = "then we ended our sending side";
  } else {
    note("we ended our sending side");
  }
}

void Client::start_reading() { read_more(); }

Answer Client::read_answer(std::string_view method) {
  Answer answer = read_any_answer(method);
  const auto is_interim = [&] { return answer.status < 200 && answer.status != 101; };
  while (is_interim()) answer = read_any_answer(method);
  return answer;
}

Answer Client::read_any_answer(std::string_view method) {
  while (true) {
    Progress progress;
    try {
      progress = parse_answer(received_, position_, method, end_ == End::closed);
    } catch (const Malformed& malformed) {
      fail(malformed.at, malformed.expected + " here");
    }
    if (progress.answer) {
      position_ = progress.answer->end;
      return *std::move(progress.answer);
    }
    const std::size_t wanted = received_.size() + progress.at_least;
    do {
      if (!wait_for_more()) fail(received_.size(), progress.missing + " here");
    } while (received_.size() < wanted && !ended());
  }
}

void Client::expect_cut_off(std::string_view method, std::string_view beginning) {
  await_end("the end of the connection");
  if (received_.find(beginning) == received_.npos) {
    fail(received_.size(), '"' + escape(beginning) + "\" and then the end here");
  }
  try {
    if (parse_answer(received_, position_, method, end_ == End::closed).answer) {
      fail(received_.size(), end_ == End::closed ? "an end that shows that the body was cut off"
                                                 : "no end of the body");
    }
  } catch (const Malformed&) {
    return;  // nobody takes that for a whole answer
  }
}

void Client::await_any_byte() {
  auto ready = std::make_shared<bool>(false);
  socket_.async_wait(tcp::socket::wait_read, [ready](asio::error_code ec) { *ready = !ec; });
  if (wait_patiently([&] { return *ready; }, patience_)) return;
  silent_ = true;
  fail(received_.size(), "an answer to begin here");
}

void Client::await_bytes(std::string_view bytes) {
  while (received_.find(bytes, position_) == received_.npos) {
    if (!wait_for_more()) fail(received_.size(), '"' + escape(bytes) + "\" by now");
  }
}

void Client::expect_bytes(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i, ++position_) {
    while (position_ == received_.size()) {
      if (!wait_for_more()) fail(position_, counted(bytes.size() - i, "more byte") + " here");
    }
    if (received_[position_] != bytes[i]) {
      fail(position_, '"' + escape(bytes.substr(i, 20)) + "\" here");
    }
  }
}

void Client::expect_end(const std::string& expected) {
  while (position_ == received_.size() && wait_for_more()) continue;
  if (position_ < received_.size()) fail(position_, expected + " here");
  if (end_ == End::none) fail(position_, expected + " here");
  if (end_ == End::reset) fail(position_, expected + " here, in order and not by a reset");
}

void Client::await_end(const std::string& expected) {
  while (!ended() && wait_for_more()) continue;
  if (!ended()) fail(received_.size(), expected + " here");
}

void Client::expect_not_refused() {
  if (send_failed_) fail(position_, "the server to read on here, and not to answer with a reset");
}

void Client::poke_until_closed() {
  const Patience patience(server_, patience_);
  while (!send_failed_) {
    if (patience.left() <= 0ns) {
      fail(received_.size(), "the end of the connection within " + in_words(patience_));
    }
    write("x");
    wait_until([&] { return send_failed_; }, 100ms);
  }
}

void Client::close() {
  asio::error_code ignored;
  socket_.close(ignored);
}

void Client::reset() {
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

bool Client::can_connect(const tcp::endpoint& server) {
  asio::io_context io;
  tcp::socket socket(io);
  open_private(socket, server);
  asio::error_code error;
  socket.connect(server, error);
  return !error;
}

void Client::note(const std::string& words) {
  tell_received();
  story_.push_back({Event::Kind::note, words, "", ""});
}

void Client::fail(std::size_t at, const std::string& expected) {
  tell_received();
  const std::string then = ending();
  const bool told = !story_.empty() && story_.back().kind == Event::Kind::received;
  if (told) {
    story_.back().then = then;
  } else if (!then.empty() || at >= received_.size()) {
    story_.push_back({Event::Kind::received, "", "", then});
    if (frames_at_) story_.back().frames_from = 0;
  }
  Failure failure{story_, expected, at};
  if (end_ == End::reset && at >= received_.size()) tell_rule_of_reset(failure);
  if (silent_ && is_news()) failure.activity = activity_in_words(server_);
  throw failure;
}

bool Client::ended_within(std::chrono::milliseconds time) {
  return wait_until([&] { return ended(); }, time);
}

// Serves the connection until `done`, or until that time has passed or nothing can happen.
bool Client::wait_until(const std::function<bool()>& done, std::chrono::nanoseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (!done()) {
    if (io_.stopped()) io_.restart();
    if (io_.run_one_until(deadline) == 0) return done();
  }
  return true;
}

// The same; but time in which the server, or we, got no processor does not count.
bool Client::wait_patiently(const std::function<bool()>& done, std::chrono::milliseconds time) {
  if (wait_until(done, 20ms)) return true;  // mostly; the rest is costly to measure
  const Patience patience(server_, time);
  for (auto left = patience.left(); left > 0ns; left = patience.left()) {
    if (wait_until(done, left)) return true;
  }
  return done();
}

bool Client::wait_for_more() {
  if (ended()) return false;
  const std::size_t before = received_.size();
  const bool more = wait_patiently([&] { return received_.size() > before || ended(); }, patience_);
  silent_ = !more;
  if (silent_ && patience_ <= settings().patience) count_silence();
  return more;
}

// Writes all of it, as long as the server takes something in time; its answers are read meanwhile.
void Client::write(std::string_view bytes) {
  while (!bytes.empty() && !send_failed_) {
    auto done = std::make_shared<bool>(false);
    socket_.async_write_some(asio::buffer(bytes), [&, done](asio::error_code ec, std::size_t size) {
      if (ec == asio::error::operation_aborted) return;
      bytes.remove_prefix(size);
      send_failed_ = static_cast<bool>(ec);
      *done = true;
    });
    if (wait_patiently([&] { return *done; }, patience_)) continue;
    socket_.close();
    story_.back().then = "but the server took nothing more";
    fail(received_.size(), "the server to read on");
  }
}

void Client::read_more() {
  socket_.async_read_some(asio::buffer(chunk_), [this](asio::error_code ec, std::size_t size) {
    received_.append(chunk_, 0, size);
    if (!ec) return read_more();
    end_ = ec == asio::error::eof ? End::closed : End::reset;
  });
}

Event Client::sent_event(std::string_view bytes, const std::string& how) const {
  Event event{Event::Kind::sent, std::string(bytes), how, ""};
  if (frames_at_) event.frames_from = 0;
  return event;
}

// What was received since the last time goes into the story, as one event.
void Client::tell_received() {
  const std::string_view news = std::string_view(received_).substr(told_);
  if (!news.empty()) {
    if (story_.empty() || story_.back().kind != Event::Kind::received) {
      story_.push_back({Event::Kind::received, "", "", ""});
      event_begin_ = told_;
    }
    story_.back().bytes += news;
  }
  told_ = received_.size();
  const bool received = !story_.empty() && story_.back().kind == Event::Kind::received;
  if (frames_at_ && received) {
    story_.back().frames_from = std::max(*frames_at_, event_begin_) - event_begin_;
  }
}

std::string Client::ending() const {
  if (end_ == End::closed) return "then the connection was closed";
  if (end_ == End::reset) return "then the connection was reset";
  if (silent_) return "then nothing for " + in_words(patience_);
  return "";
}
