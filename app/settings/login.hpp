// Which user name and password a back end gets.
#pragma once

#include "app/settings/backend_url.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rtspproxy::settings {

// Looks an environment variable up; nothing if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// That of the process.
Environment process_environment();

inline constexpr auto kUserVariable = "GST_RTSP_PROXY_USER";
inline constexpr auto kPasswordVariable = "GST_RTSP_PROXY_PASSWORD";

// The first line of the file (a pipe will do): USER:PASSWORD, split at the first ':', at most 1023
// bytes; either end of line is taken off. The error never quotes the line.
Result<Credentials> read_password_file(const std::string& path);

// Whether `user` can be one: not empty and without ':' (RFC 7617 §2). The error begins with
// `option` and does not quote the name, which may be USER:PASSWORD in one.
Result<void> check_user_name(const std::string& option, const std::string& user);

// From GST_RTSP_PROXY_USER and GST_RTSP_PROXY_PASSWORD. Without the latter the password is empty;
// the latter alone is an error.
Result<std::optional<Credentials>> environment_login(const Environment& environment);

// user:password@ of the URL wins. A URL with a user only gets that user's password if `common` is
// about the same user, else an empty one. A URL with neither gets `common`.
std::optional<Credentials> backend_login(const BackendUrl& url,
                                         const std::optional<Credentials>& common);

} // namespace rtspproxy::settings
