// The parameters of the headers Authorization and WWW-Authenticate (RFC 7235 §2.1).
#pragma once

#include "plugins/support/result.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::auth {

// Names in lower case; values without their quotes and escapes.
using Parameters = std::map<std::string, std::string, std::less<>>;

// `text` in double quotes, with \ and " escaped.
[[nodiscard]] std::string quote(std::string_view text);

// The parameters of a Digest Authorization, as a server reads it: strictly. Fails if the value is
// of another scheme, malformed, or names a parameter twice. Errors do not quote the value.
[[nodiscard]] Result<Parameters> parse_digest_parameters(std::string_view value);

struct Challenge {
    std::string scheme; // in lower case
    Parameters parameters;
};
// The challenges of a WWW-Authenticate value, which may hold several, as a client reads them:
// commas may be missing, of parameters that stand twice the first one counts, and what follows
// something that makes no sense is left out. At most kMaxChallenges.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view value);
inline constexpr std::size_t kMaxChallenges = 16;

} // namespace rtspproxy::auth
