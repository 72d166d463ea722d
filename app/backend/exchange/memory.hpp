// Memory: what a back end has shown itself to be on earlier connections. Any thread.
#pragma once

#include "app/backend/exchange/login.hpp"

#include <atomic>

namespace rtspproxy::backend::exchange {

struct Memory {
    Login::Memory logins;
    std::atomic<bool> closes_on_options{false};
};

} // namespace rtspproxy::backend::exchange
