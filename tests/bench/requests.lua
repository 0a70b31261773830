-- What wrk sends: as many requests at once as the first argument says. With "echo" as the second
-- one it sends answers, which a server that echoes sends back.

local request_line = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
local answer = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n" ..
  "date: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\nHello, World!"
local checked, sent

function init(arguments)
  local batch = tonumber(arguments[1])
  checked = request_line:rep(batch)
  sent = arguments[2] == "echo" and answer:rep(batch) or checked
end

-- wrk calls this once before it begins, and counts the requests in what it gets.
function request()
  local bytes = checked
  checked = sent
  return bytes
end
