#include "plugins/registration/login_limiter.hpp"

#include <algorithm>

namespace rtspproxy::registration {

void LoginLimiter::failed(const std::string& address, Clock::time_point now) {
    const auto found = failures_.find(address);
    if (found == failures_.end()) {
        make_room(now);
        failures_[address] = {1, now};
    } else if (now - found->second.first > kWindow) {
        found->second = {1, now};
    } else {
        ++found->second.count;
    }
}

void LoginLimiter::succeeded(const std::string& address) {
    failures_.erase(address);
}

bool LoginLimiter::locked_out(const std::string& address, unsigned limit,
                              Clock::time_point now) const {
    if (limit == 0)
        return false;
    const auto found = failures_.find(address);
    return found != failures_.end() && found->second.count >= limit &&
           now - found->second.first <= kWindow;
}

void LoginLimiter::make_room(Clock::time_point now) {
    if (failures_.size() < kMaxAddresses)
        return;
    std::erase_if(failures_,
                  [now](const auto& entry) { return now - entry.second.first > kWindow; });
    if (failures_.size() < kMaxAddresses)
        return;
    failures_.erase(
        std::min_element(failures_.begin(), failures_.end(), [](auto& left, auto& right) {
            return left.second.first < right.second.first;
        }));
}

} // namespace rtspproxy::registration
