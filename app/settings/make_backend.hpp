// A back end's settings, from its URL and what holds for all back ends.
#pragma once

#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <string>

namespace rtspproxy::settings {

// `defaults` with the URL (see parse_backend_url(), also for errors), its login and its transport:
// what the URL says goes before what `defaults` say.
Result<BackendSettings> make_backend(const std::string& url, const BackendSettings& defaults);

} // namespace rtspproxy::settings
