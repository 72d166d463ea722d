// REGISTER and DEREGISTER requests: by which a back end, or somebody for it, asks a proxy to serve
// its stream. The commands are live555's; no RFC describes them. A request looks like this:
//
//   REGISTER rtsp://camera.example/stream RTSP/1.0
//   CSeq: 2
//   Transport: reuse_connection; preferred_delivery_protocol=interleaved; proxy_url_suffix=garden
//
// Pure: bytes in, values out.
#pragma once

#include "plugins/registration/message.hpp"
#include "plugins/support/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtspproxy::registration {

enum class Method { Register, Deregister };
[[nodiscard]] std::string_view to_string(Method method);

struct Request {
    Method method = Method::Register;
    std::string url; // as sent; not yet checked, see check_rtsp_url()
    std::uint32_t cseq = 0;
    // From the Transport header, which may be absent or empty:
    bool reuse_connection = false; // the proxy is to use this connection for its own requests
    bool interleaved = false;      // preferred_delivery_protocol: interleaved (true) or udp (false)
    std::optional<std::string> suffix; // proxy_url_suffix as sent; see check_suffix()
    std::optional<std::string> authorization;
    Headers headers; // all of them, the above included
};

// What the first bytes of a connection say about it.
enum class Recognition {
    Undecided,    // so far a prefix of "REGISTER " or "DEREGISTER " (nothing is a prefix, too)
    Registration, // one of the two
    Other,        // anything else: RTSP, HTTP, TLS or garbage
};
[[nodiscard]] Recognition recognise(std::string_view bytes);

// Parses the bytes up to and including the blank line (see find_header_end()). Fails for anything
// that is not a well-formed request: the answer to that is 400, with CSeq if find_cseq() sees one.
// Unknown headers and Transport parameters are let pass.
[[nodiscard]] Result<Request> parse_request(std::string_view bytes);

// The CSeq of a request that may be malformed elsewhere.
[[nodiscard]] std::optional<std::uint32_t> find_cseq(std::string_view bytes);

// A suffix becomes a mount's path: one segment of 1 to 64 characters out of A–Z a–z 0–9 . _ ~ -,
// but not "." or "..".
[[nodiscard]] Result<void> check_suffix(std::string_view suffix);
inline constexpr std::size_t kMaxSuffixLength = 64;

} // namespace rtspproxy::registration
