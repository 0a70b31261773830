#include "connection.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

using asio::redirect_error;
using asio::use_awaitable;

namespace {

constexpr std::size_t initial_buffer = 2 * 1024;  // an idle client costs no more than this
constexpr std::size_t large_buffer = 64 * 1024;
constexpr std::size_t linger_limit = 16 * 1024 * 1024;  // bytes drained; beyond, a reset may come

}  // namespace

Connection::Connection(tcp::socket socket) : socket_(std::move(socket)) {
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
  asio::error_code ec;
  const std::size_t size =
      co_await socket_.async_read_some(free_space(), redirect_error(use_awaitable, ec));
  end_ += size;
  co_return !ec;
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
  std::size_t drained = 0;
  bool more = !ec;
  while (more && drained < linger_limit) {
    begin_ = end_;
    more = co_await fill();
    drained += input().size();
  }
  socket_.close(ec);
}

awaitable<void> Connection::send_output() {
  in_flight_.swap(output_);
  std::string_view rest = in_flight_;
  while (!rest.empty() && !send_error_) {
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
