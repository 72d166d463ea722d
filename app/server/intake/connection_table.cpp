#include "app/server/intake/connection_table.hpp"

namespace rtspproxy::server {

std::optional<ConnectionTable::Crowded> ConnectionTable::crowded(const std::string& address) const {
    const auto same = by_address_.find(address);
    if (same != by_address_.end() && same->second.count >= limits_.per_address)
        return Crowded::Address;
    if (entries_.size() >= limits_.total)
        return Crowded::Total;
    return std::nullopt;
}

std::optional<ConnectionTable::Id> ConnectionTable::victim(Crowded why, const std::string& address,
                                                           Clock::time_point now) const {
    const std::set<Id>* unproven = &unproven_;
    if (why == Crowded::Address) {
        const auto same = by_address_.find(address);
        if (same == by_address_.end())
            return std::nullopt;
        unproven = &same->second.unproven;
    }
    // The lowest number is the oldest.
    if (unproven->empty() || now < entries_.at(*unproven->begin()).since + kGrace)
        return std::nullopt;
    return *unproven->begin();
}

ConnectionTable::Id ConnectionTable::add(const std::string& address, Clock::time_point now) {
    const Id id = next_++;
    entries_.emplace(id, Entry{address, now});
    unproven_.insert(id);
    Same& same = by_address_[address];
    ++same.count;
    same.unproven.insert(id);
    return id;
}

void ConnectionTable::prove(Id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end())
        return;
    unproven_.erase(id);
    by_address_.at(found->second.address).unproven.erase(id);
}

void ConnectionTable::remove(Id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end())
        return;
    prove(id);
    const auto same = by_address_.find(found->second.address);
    if (--same->second.count == 0)
        by_address_.erase(same);
    entries_.erase(found);
}

} // namespace rtspproxy::server
