// Where a back end is that says that its stream is elsewhere, and who logs in there.
#pragma once

#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <string>

namespace rtspproxy::backend {

// `own` with the URL that the back end named. The login goes along only to the same host, and not
// from TLS to a connection without; a login that the URL holds itself is used in any case. An error
// if the URL is none, or leads where the back end's own connection does not.
[[nodiscard]] Result<settings::BackendSettings> redirected(const settings::BackendSettings& own,
                                                           const std::string& url);

// Whether the login of `own` was left behind.
[[nodiscard]] bool loses_login(const settings::BackendSettings& own,
                               const settings::BackendSettings& elsewhere);

} // namespace rtspproxy::backend
