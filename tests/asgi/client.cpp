#include "client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 5s;

}  // namespace

Client::Client(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect");
  }
}

Client::~Client() {
  if (socket_ != -1) ::close(socket_);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for(POLLOUT, patience)) throw std::runtime_error("nobody reads what we send");
    const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) throw std::runtime_error("cannot send: the connection has ended");
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::size_t Client::send_until_stuck(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size() && wait_for(POLLOUT, 300ms)) {
    const ssize_t size =
        ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) break;
    sent += static_cast<std::size_t>(size);
  }
  return sent;
}

std::string Client::read_until(std::string_view mark) {
  while (unread_.find(mark) == unread_.npos) {
    if (!read_more()) throw std::runtime_error("the connection ended after: " + unread_);
  }
  return read(unread_.find(mark) + mark.size());
}

std::string Client::read(std::size_t size) {
  while (unread_.size() < size && read_more()) continue;
  const std::string bytes = unread_.substr(0, size);
  unread_.erase(0, size);
  return bytes;
}

std::string Client::read_to_end() {
  while (read_more()) continue;
  return std::exchange(unread_, {});
}

bool Client::is_quiet_for(std::chrono::milliseconds time) {
  return unread_.empty() && !wait_for(POLLIN, time);
}

void Client::half_close() { ::shutdown(socket_, SHUT_WR); }

void Client::leave(bool hard) {
  const linger at_once{1, 0};
  if (hard) ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(socket_, -1));
}

bool Client::wait_for(short events, std::chrono::milliseconds time) const {
  pollfd what{socket_, events, 0};
  return ::poll(&what, 1, static_cast<int>(time.count())) > 0;
}

// False: the connection has ended.
bool Client::read_more() {
  if (!wait_for(POLLIN, patience)) throw std::runtime_error("nothing more comes after: " + unread_);
  std::array<char, 65536> piece;
  const ssize_t size = ::recv(socket_, piece.data(), piece.size(), 0);
  was_reset_ = size < 0 && errno == ECONNRESET;
  if (size <= 0) return false;
  unread_.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

std::string exchange(std::uint16_t port, std::string_view bytes) {
  Client client(port);
  client.send(bytes);
  return client.read_to_end();
}

std::string get(std::string_view target, std::string_view fields) {
  std::string request = "GET ";
  request.append(target).append(" HTTP/1.1\r\nHost: x\r\n").append(fields);
  return request += "\r\n";
}

std::string last_get(std::string_view target, std::string_view fields) {
  return get(target, std::string(fields) + "Connection: close\r\n");
}

std::string post(std::string_view target, std::string_view body, std::string_view fields) {
  std::string request = "POST ";
  request.append(target).append(" HTTP/1.1\r\nHost: x\r\n").append(fields);
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return request.append(body);
}

std::string undated(std::string answers) {
  for (auto begin = answers.find("\r\ndate: "); begin != answers.npos;
       begin = answers.find("\r\ndate: ", begin)) {
    answers.erase(begin, answers.find("\r\n", begin + 2) - begin);
  }
  return answers;
}
