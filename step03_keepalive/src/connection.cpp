#include "connection.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "flag_guard.hpp"

using asio::redirect_error;
using asio::use_awaitable;

namespace {

constexpr std::size_t initial_buffer = 2 * 1024;  // an idle client costs no more than this
constexpr std::size_t large_buffer = 64 * 1024;
constexpr std::chrono::seconds linger_silence(2);  // of a client that seems to have ended
constexpr std::chrono::seconds linger_time(30);  // for all that a client still sends
constexpr std::chrono::seconds linger_time_at_stop(2);  // the same, when the server stops
constexpr std::size_t max_lingering = 1024;  // connections; more of them close at once

// One connection more that lingers, while this lives.
class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

Connection::Connection(tcp::socket socket, Clock::duration write_limit, std::size_t& lingering)
    : socket_(std::move(socket)), lingering_(lingering), write_limit_(write_limit) {
  asio::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);  // we send whole answers: no need to wait
}

std::string_view Connection::input() const {
  return std::string_view(buffer_).substr(begin_, end_ - begin_);
}

void Connection::consume(std::size_t size) { begin_ += size; }

std::string& Connection::output() { return output_; }

awaitable<bool> Connection::fill() {
  co_await send_output();  // before waiting for the client, send everything we owe it
  if (send_error_) co_return false;
  if (wait_is_over()) co_return false;
  asio::error_code ec;
  const FlagGuard receiving(receiving_);
  const std::size_t size =
      co_await socket_.async_read_some(free_space(), redirect_error(use_awaitable, ec));
  end_ += size;
  co_return !ec && !timed_out_;
}

awaitable<void> Connection::flush() {
  co_await send_output();
  if (send_error_) throw Disconnected(send_error_);
}

awaitable<void> Connection::close() {
  co_await send_output();
  asio::error_code ec = send_error_;
  if (!ec) socket_.shutdown(tcp::socket::shutdown_send, ec);
  // Closing with unread input would make the system send a reset, which can overtake our answer.
  const Counted lingering(lingering_);
  linger_end_ = Clock::now() + (stopping_ ? linger_time_at_stop : linger_time);
  bool more = !ec;
  while (more && lingering_ <= max_lingering) {
    begin_ = end_;
    expect_within(std::min<Clock::duration>(linger_silence, linger_end_ - Clock::now()));
    more = co_await fill();
  }
  socket_.close(ec);
}

void Connection::expect_within(Clock::duration limit) {
  deadline_ = Clock::now() + limit;
  timed_out_ = false;
  idle_ = false;
}

void Connection::idle_for(Clock::duration limit) {
  expect_within(limit);
  idle_ = true;
}

void Connection::shrink() {
  if (!input().empty() || buffer_.size() <= initial_buffer) return;
  std::string().swap(buffer_);
  begin_ = end_ = 0;
}

// A cancelled read or write ends with an error, and the coroutine that waits for it goes on. One
// that has completed already cannot be cancelled: a write has made progress then, which is all that
// is asked of it, and fill() looks at timed_out_.
void Connection::check_deadlines(Clock::time_point now) {
  const bool input_is_late = receiving_ && now >= deadline_;
  const bool output_is_late = !in_flight_.empty() && now >= write_deadline_;
  if (!input_is_late && !output_is_late) return;
  timed_out_ = receiving_;
  asio::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::stop() {
  stopping_ = true;
  linger_end_ = std::min(linger_end_, Clock::now() + linger_time_at_stop);
  end_wait();
}

// With a reset, so that a response that is cut short cannot look complete.
void Connection::abort() {
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

bool Connection::wait_is_over() const { return idle_ && stopping_; }

void Connection::end_wait() {
  asio::error_code ignored;
  if (receiving_ && wait_is_over()) socket_.cancel(ignored);
}

awaitable<void> Connection::send_output() {
  in_flight_.swap(output_);
  std::string_view rest = in_flight_;
  while (!rest.empty() && !send_error_) {
    write_deadline_ = Clock::now() + write_limit_;
    const std::size_t size = co_await socket_.async_write_some(
        asio::buffer(rest), redirect_error(use_awaitable, send_error_));
    rest.remove_prefix(size);
  }
  in_flight_.clear();
  if (in_flight_.capacity() > 2 * initial_buffer) std::string().swap(in_flight_);  // frees it
}

// Room for more input. The buffer grows while reads fill it to the end (up to large_buffer), and
// beyond that only for a reader that asks for more without consuming: its own limit is the bound.
asio::mutable_buffer Connection::free_space() {
  const bool filled = end_ == buffer_.size();
  if (begin_ > 0) std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  end_ -= std::exchange(begin_, 0);
  const bool full = end_ == buffer_.size();
  if (full || (filled && buffer_.size() < large_buffer)) {
    buffer_.resize(std::max(initial_buffer, 2 * buffer_.size()));
  }
  return asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
}
