// Who logs in.
#pragma once

#include <string>

namespace rtspproxy::auth {

struct Account {
    std::string user;
    std::string password;
};

} // namespace rtspproxy::auth
