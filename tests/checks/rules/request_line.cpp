#include "check.hpp"

namespace {

const int registered = register_table(__FILE__, __LINE__, {
    {2, "RFC 9112 section 3", "exactly one space stands between the parts of a request line",
     "parse_request() in http/request.cpp",
     {
         {"answers GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200},
         {"refuses two spaces after the method", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
     }},
});

}  // namespace
