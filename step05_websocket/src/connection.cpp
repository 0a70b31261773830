#include "connection.hpp"

#include <poll.h>

#include <algorithm>
#include <asio/execution_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <new>
#include <utility>
#include <vector>

#include "flag_guard.hpp"

using asio::redirect_error;
using asio::use_awaitable;

namespace {

constexpr std::size_t initial_buffer = 2 * 1024;  // an idle client costs no more than this
constexpr std::chrono::seconds silence(1);  // of a client that then has no buffer
constexpr std::size_t large_buffer = 64 * 1024;
constexpr std::chrono::seconds linger_silence(2);  // of a client that seems to have ended
constexpr std::chrono::seconds linger_time(30);  // for all that a client still sends
constexpr std::chrono::seconds linger_time_at_stop(2);  // the same, when the server stops
constexpr std::size_t most_due = 64 * 1024;  // octets of output that need not be waited for
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

// A server on all addresses of IPv6 has clients of IPv4 as well, whose addresses come as
// ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
tcp::endpoint unmapped(const tcp::endpoint& endpoint) {
  const asio::ip::address address = endpoint.address();
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return endpoint;
  return {asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()), endpoint.port()};
}

}  // namespace

// The connections of a loop that owe something complete: one posted function sends it for all of
// them. A service of Asio's: each loop has its own, which lives as long as the loop does.
class Connection::DueFlushes : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;

  explicit DueFlushes(asio::execution_context& loop) : service(loop) {}
  static DueFlushes& of(Connection& connection);
  void add(Connection& connection);
  void remove(Connection& connection) { std::erase(connections_, &connection); }

 private:
  void shutdown() override {}
  void flush();

  std::vector<Connection*> connections_;
};

// Output that the socket did not take at once. The write under way shares it, and may end later
// than the connection.
struct Connection::Rest {
  Connection* connection;  // while there is one
  std::string octets;
  std::size_t sent = 0;  // how many of the octets
  Clock::time_point deadline{};  // of the write under way
  Clock::time_point begin = Clock::now();
};

Connection::Connection(tcp::socket socket, Clock::duration write_limit, std::size_t& lingering)
    : socket_(std::move(socket)),
      sent_(socket_.get_executor()),
      lingering_(lingering),
      write_limit_(write_limit) {
  asio::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);  // we send whole answers: no need to wait
}

Connection::~Connection() {
  if (rest_) rest_->connection = nullptr;
  if (flush_due_) DueFlushes::of(*this).remove(*this);
}

std::string_view Connection::input() const {
  return std::string_view(buffer_).substr(begin_, end_ - begin_);
}

void Connection::consume(std::size_t size) { begin_ += size; }

std::string& Connection::output() { return output_; }

awaitable<bool> Connection::fill() {
  // Before waiting for the client, send everything we owe it.
  if (!start_sending()) co_await send_output();
  if (send_error_) co_return false;
  if (wait_is_over() || input_ended_) co_return false;
  asio::error_code ec;
  const FlagGuard receiving(receiving_);
  cancelled_ = false;
  std::size_t size =
      co_await socket_.async_read_some(free_space(), redirect_error(use_awaitable, ec));
  const bool without_buffer = std::exchange(silent_, false) && !wait_is_over();
  if (without_buffer && ec == asio::error::operation_aborted) {
    std::string().swap(buffer_);
    cancelled_ = false;
    co_await socket_.async_wait(tcp::socket::wait_read, redirect_error(use_awaitable, ec));
    if (!ec) {
      size = co_await socket_.async_read_some(free_space(), redirect_error(use_awaitable, ec));
    }
  }
  end_ += size;
  may_write_at_once_ = true;
  if (!ec) co_return !timed_out_;
  throw_if_cancelled(ec);
  input_ended_ = ec != asio::error::operation_aborted;  // a reset is reported only once
  co_return false;
}

awaitable<void> Connection::flush() {
  co_await send_output();
  if (send_error_) throw Disconnected(send_error_);
}

bool Connection::flush_soon(bool more_input) {
  if (send_error_ || rest_ || output_.size() > most_due) return false;
  if (output_.empty()) return true;
  if (!more_input && may_write_at_once_) return start_sending() && !send_error_;
  if (!flush_due_) DueFlushes::of(*this).add(*this);
  flush_due_ = true;
  return true;
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
  limit_ = limit;
  deadline_ = Clock::now() + limit;
  timed_out_ = false;
  idle_ = false;
  interrupted_ = false;
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
  // A client that is still taking output has not had its time to answer.
  const bool input_is_late = receiving_ && !rest_ && now >= deadline_;
  const bool output_is_late = rest_ && now >= rest_->deadline;
  const bool late = input_is_late || output_is_late;
  // A client that says nothing needs no buffer: fill() ends this wait, and begins one without.
  const bool waits = receiving_ && !rest_ && input().empty() && !buffer_.empty();
  silent_ = waits && !late && now >= deadline_ - limit_ + silence;
  if (!late && !silent_) return;
  timed_out_ = receiving_ && late;
  cancelled_ = true;
  asio::error_code ignored;
  socket_.cancel(ignored);
}

awaitable<void> Connection::wait_for_end(bool until_stop) {
  deadline_ = Clock::time_point::max();
  idle_ = until_stop;
  bool more = true;
  while (more && input().size() < large_buffer) more = co_await fill();
  if (!more || wait_is_over()) co_return;
  asio::error_code ec;  // enough has been read ahead: from here on only a reset is noticed
  const FlagGuard receiving(receiving_);
  cancelled_ = false;
  co_await socket_.async_wait(tcp::socket::wait_error, redirect_error(use_awaitable, ec));
  throw_if_cancelled(ec);
}

// An application has cancelled the coroutine that waited, not we.
void Connection::throw_if_cancelled(asio::error_code ec) const {
  const bool aborted = ec == asio::error::operation_aborted;
  if (aborted && !cancelled_ && socket_.is_open()) throw std::system_error(ec);
}

bool Connection::client_has_ended() {
#ifdef POLLRDHUP
  constexpr short ended = POLLRDHUP;
#else
  constexpr short ended = 0;  // there POLLHUP tells it, which is never asked for
#endif
  pollfd socket{socket_.native_handle(), ended, 0};
  return poll(&socket, 1, 0) > 0;
}

void Connection::interrupt() {
  interrupted_ = true;
  end_wait();
}

void Connection::stop() {
  stopping_ = true;
  linger_end_ = std::min(linger_end_, Clock::now() + linger_time_at_stop);
  end_wait();
}

std::optional<tcp::endpoint> Connection::client() const {
  asio::error_code ec;
  const tcp::endpoint endpoint = socket_.remote_endpoint(ec);
  return ec ? std::nullopt : std::optional(unmapped(endpoint));
}

std::optional<tcp::endpoint> Connection::server() const {
  asio::error_code ec;
  const tcp::endpoint endpoint = socket_.local_endpoint(ec);
  return ec ? std::nullopt : std::optional(unmapped(endpoint));
}

// With a reset, so that a response that is cut short cannot look complete.
void Connection::abort() {
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

bool Connection::wait_is_over() const { return interrupted_ || (idle_ && stopping_); }

void Connection::end_wait() {
  if (!receiving_ || rest_ || !wait_is_over()) return;
  cancelled_ = true;
  asio::error_code ignored;
  socket_.cancel(ignored);
}

Connection::DueFlushes& Connection::DueFlushes::of(Connection& connection) {
  return asio::use_service<DueFlushes>(connection.socket_.get_executor().context());
}

void Connection::DueFlushes::add(Connection& connection) {
  if (connections_.empty()) asio::post(connection.socket_.get_executor(), [this] { flush(); });
  connections_.push_back(&connection);
}

void Connection::DueFlushes::flush() {
  for (Connection* const connection : connections_) {
    connection->flush_due_ = false;
    connection->may_write_at_once_ = true;
    connection->start_sending();
  }
  connections_.clear();
}

// Returns when what is owed now is sent, whoever adds more: one coroutine that always has more to
// send must not keep another one from reading.
awaitable<void> Connection::send_output() {
  if (start_sending()) co_return;
  const std::uint64_t owed = sent_size_ + rest_->octets.size() - rest_->sent + output_.size();
  while (sent_size_ < owed && !send_error_) co_await sent_.wait();
}

// Whether all that is owed has been sent, or never will be. Otherwise the sending goes on by
// itself: no coroutine has to wait for it, and none that is cancelled cuts it off.
bool Connection::start_sending() {
  if (send_error_) output_.clear();
  if (!rest_) write_at_once();
  if (!rest_ && !output_.empty()) send_rest();
  return !rest_;
}

// Sends what the socket takes at once, without a turn of the loop: the frames of the request are
// free again before the next connection needs its own. Only once after each read, or one client
// could keep the loop to itself.
void Connection::write_at_once() {
  if (output_.empty() || !std::exchange(may_write_at_once_, false)) return;
  asio::error_code ec;
  const std::size_t size = socket_.write_some(asio::buffer(output_), ec);
  if (ec != asio::error::would_block) send_error_ = ec;
  sent_size_ += size;
  output_.erase(0, send_error_ ? output_.size() : size);
  if (output_.empty() && output_.capacity() > 2 * initial_buffer) std::string().swap(output_);
}

void Connection::send_rest() {
  try {
    if (!rest_) rest_ = std::make_shared<Rest>(Rest{this, std::exchange(output_, {})});
    rest_->deadline = Clock::now() + write_limit_;
    socket_.async_write_some(asio::buffer(rest_->octets) + rest_->sent,
                             [rest = rest_](asio::error_code ec, std::size_t size) {
                               if (rest->connection) rest->connection->continue_sending(ec, size);
                             });
  } catch (const std::bad_alloc&) {
    end_sending(asio::error::no_memory);
  }
}

void Connection::continue_sending(asio::error_code ec, std::size_t size) {
  sent_size_ += size;
  rest_->sent += size;
  if (!ec && rest_->sent < rest_->octets.size()) {
    send_rest();
    return;
  }
  end_sending(ec);
  start_sending();  // what was added meanwhile
}

void Connection::end_sending(asio::error_code ec) {
  send_error_ = ec;
  // What it owes us had no time while it had to take this.
  const bool timed = rest_ && deadline_ != Clock::time_point::max();
  if (timed) deadline_ += Clock::now() - std::max(rest_->begin, deadline_ - limit_);
  rest_.reset();
  sent_.notify();
  end_wait();
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
