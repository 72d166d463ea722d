// The commands register and deregister: tell another proxy to serve a stream, or no longer to.
#pragma once

#include "app/settings/announce_command.hpp"
#include "plugins/support/result.hpp"

#include <string>

namespace rtspproxy::sender {

// Announces the stream; blocks until the proxy has answered or has taken too long. Returns one line
// for a person, without its end: what is now served, and where. Neither that nor the error holds a
// password.
[[nodiscard]] Result<std::string> announce(const settings::AnnounceCommand& command);

// announce() as a program: the line on stdout, or the error on stderr. Returns the exit code: 0, or
// 1 if the proxy was not reached or refused.
[[nodiscard]] int run(const settings::AnnounceCommand& command);

} // namespace rtspproxy::sender
