// The right answer to a challenge of one header.
#pragma once

#include "plugins/auth/authenticator.hpp"

#include <string>
#include <string_view>

namespace rtspproxy::tests {

// Empty: it cannot be answered.
[[nodiscard]] inline std::string answer_challenge(const std::string& challenge,
                                                  const auth::Account& account,
                                                  std::string_view method, std::string_view url) {
    auth::Authenticator login(account, {});
    return login.challenge({challenge}) ? login.authorize(method, url).value_or("") : "";
}

} // namespace rtspproxy::tests
