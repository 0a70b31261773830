// A file of its own: the system's struct tcp_info, with all its members, and that of the C library,
// which the headers of Asio bring, have the same name.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>

#include "client.hpp"

std::size_t Client::segments() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    throw std::runtime_error("the system does not tell of segments");
  }
  return info.tcpi_data_segs_in;
}
