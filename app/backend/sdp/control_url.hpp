// The URLs that requests for a back end's media go to, from what its DESCRIBE said.
//
// RFC 2326 §C.1.1 has controls resolved like links in a page (RFC 3986). Hardly any client does so:
// FFmpeg, live555, VLC and gortsplib append "/" and the control to the base URL, and it is with
// these that cameras are tested. So that form is the first, and the resolved one the second.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::backend::sdp {

// Whether it begins with a scheme, "rtsp://" or another.
[[nodiscard]] bool is_absolute(std::string_view url);

// What controls are relative to: Content-Base, else the URL that was asked for. Some cameras leave
// the scheme or the host out of Content-Base.
[[nodiscard]] std::string base_url(std::string_view request_url, std::string_view content_base);

// Where PLAY and TEARDOWN go. `session_control` is the a=control of the session, empty if there is
// none.
[[nodiscard]] std::string aggregate_url(std::string_view base, std::string_view session_control);

// base + "/" + control, with one slash between them.
[[nodiscard]] std::string appended(std::string_view base, std::string_view control);
// control as a reference that is relative to base (RFC 3986 §5.2, without dot segments).
[[nodiscard]] std::string resolved(std::string_view base, std::string_view control);

// Where SETUP of a track may go, in the order in which it is to be tried; never empty. `control` is
// the a=control of its m= section, empty if there is none.
[[nodiscard]] std::vector<std::string>
setup_urls(std::string_view base, std::string_view session_control, std::string_view control);

} // namespace rtspproxy::backend::sdp
