#include "app/backend/sdp/addresses.hpp"

#include "app/backend/sdp/control_url.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::backend::sdp {
namespace {

std::string key_for(std::string_view url) {
    constexpr std::string_view kScheme = "rtsp://";
    const std::size_t rest = is_absolute(url) ? url.find("://") + 3 : 0;
    return std::string(kScheme) + std::string(url.substr(rest));
}

} // namespace

Addresses::Addresses(std::string aggregate) {
    aggregate_.key = key_for(aggregate);
    aggregate_.urls.push_back(std::move(aggregate));
}

bool Addresses::is_taken(std::string_view key) const {
    return std::ranges::any_of(tracks_, [&](const Entry& track) { return track.key == key; });
}

std::string Addresses::add(std::vector<std::string> urls) {
    std::string key = key_for(urls.front());
    if (is_taken(key)) { // a URL has no fragment in a request, so that this one is nobody's
        key += "#" + std::to_string(tracks_.size());
        while (is_taken(key))
            key += '#';
    }
    tracks_.push_back({key, std::move(urls)});
    return key;
}

std::string Addresses::setup_url(std::string_view key, std::size_t form) const {
    const auto track = std::ranges::find(tracks_, key, &Entry::key);
    if (track == tracks_.end())
        return std::string(key);
    return track->urls[std::min(form, track->urls.size() - 1)];
}

std::string Addresses::url(std::string_view key) const {
    return key == aggregate_.key && !aggregate_.urls.empty() ? aggregate_.urls.front()
                                                             : std::string(key);
}

std::size_t Addresses::forms() const {
    std::size_t most = 0;
    for (const Entry& track : tracks_)
        most = std::max(most, track.urls.size());
    return most;
}

bool FormChoice::refused(std::size_t forms) {
    if (forms < 2)
        return false;
    current_ = (current_ + 1) % forms;
    refused_ = (refused_ + 1) % forms;
    return refused_ != 0;
}

} // namespace rtspproxy::backend::sdp
