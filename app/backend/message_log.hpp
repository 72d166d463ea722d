// MessageLog: every RTSP message exchanged with the back ends, on stderr (-V).
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy::backend {

class MessageLog {
  public:
    static void enable();
    // A message as it was sent or received, passwords masked. Any thread.
    static void sent(const std::string& mount, std::string_view message);
    static void received(const std::string& mount, std::string_view message);
};

} // namespace rtspproxy::backend
