// Text of others (a camera's words, a player's) made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy {

// `text` with everything escaped that is no visible text: control characters (C0, DEL and C1) and
// bytes that are no valid UTF-8 become \xHH, with the value of each byte, and so do the characters
// that turn the direction of what follows. Everything else stays as it is; a text that was already
// treated is not changed any more.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace rtspproxy
