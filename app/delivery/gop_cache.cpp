#include "app/delivery/gop_cache.hpp"

#include <algorithm>

namespace rtspproxy::delivery {

void GopCache::add(const AccessUnitPtr& unit) {
    if (kind_ == Kind::KeyFrames && unit->starts_picture_group()) {
        begin_group();
    } else if (kind_ == Kind::KeyFrames && !begun_ && unit->has_picture()) {
        clear(); // what came before belongs to this picture
        return;
    }
    units_.push_back(unit);
    bytes_ += unit->size();
    if (kind_ == Kind::Companion) {
        while (!units_.empty() && (bytes_ > max_bytes_ ||
                                   unit->arrival() - units_.front()->arrival() > kCompanionSpan))
            drop_oldest();
    } else if (bytes_ > max_bytes_) {
        clear(); // half a GOP is of no use
    }
}

// Only what came after the last picture stays.
void GopCache::begin_group() {
    const auto picture =
        std::find_if(units_.rbegin(), units_.rend(),
                     [](const AccessUnitPtr& unit) { return unit->has_picture(); });
    for (auto left = std::distance(picture, units_.rend()); left > 0; --left)
        drop_oldest();
    begun_ = true;
}

void GopCache::clear() {
    units_.clear();
    bytes_ = 0;
    begun_ = false;
}

void GopCache::drop_oldest() {
    bytes_ -= units_.front()->size();
    units_.pop_front();
}

bool GopCache::stale(std::uint64_t now) const {
    // What came after `now` was asked for is as new as can be.
    return units_.empty() || now > units_.back()->arrival() + kStale;
}

std::optional<std::uint64_t> GopCache::start(std::uint64_t now) const {
    if (!begun_ || stale(now))
        return std::nullopt;
    return units_.front()->arrival();
}

std::vector<AccessUnitPtr> GopCache::burst(std::uint64_t from, std::uint64_t now) const {
    if (stale(now) || (kind_ == Kind::KeyFrames && !begun_))
        return {};
    auto first = units_.begin();
    if (kind_ == Kind::Companion)
        first = std::ranges::find_if(
            units_, [from](const AccessUnitPtr& unit) { return unit->arrival() >= from; });
    return {first, units_.end()};
}

} // namespace rtspproxy::delivery
