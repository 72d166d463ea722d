#include "plugins/registration/pending_table.hpp"

#include <algorithm>

namespace rtspproxy::registration {

std::optional<PendingTable::Victim> PendingTable::make_room(const std::string& address,
                                                            const PendingLimits& limits) const {
    const auto same = by_address_.find(address);
    if (same != by_address_.end() && same->second.size() >= limits.per_address)
        return Victim{same->second.first_to_go(), Crowded::Address};
    if (!entries_.empty() && entries_.size() >= limits.total)
        return Victim{all_.first_to_go(), Crowded::Total};
    return std::nullopt;
}

void PendingTable::add(Id id, const std::string& address, Clock::time_point now) {
    Entry& entry = entries_[id];
    entry = {.address = address, .since = now, .place = {next_place_++, id}};
    enqueue(entry);
}

void PendingTable::spoke(Id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end() || !found->second.silent)
        return;
    dequeue(found->second);
    found->second.silent = false;
    enqueue(found->second);
}

void PendingTable::restart(Id id, Clock::time_point now) {
    const auto found = entries_.find(id);
    if (found == entries_.end())
        return;
    dequeue(found->second);
    found->second.silent = false;
    found->second.since = now;
    found->second.place = {next_place_++, id};
    enqueue(found->second);
}

void PendingTable::remove(Id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end())
        return;
    dequeue(found->second);
    entries_.erase(found);
}

std::optional<PendingTable::Id> PendingTable::expired(const PendingLimits& limits,
                                                      Clock::time_point now) const {
    const Entry* entry = oldest();
    if (entry == nullptr || now < entry->since + limits.timeout)
        return std::nullopt;
    return entry->place.second;
}

std::optional<PendingTable::Clock::time_point>
PendingTable::next_deadline(const PendingLimits& limits) const {
    const Entry* entry = oldest();
    return entry == nullptr ? std::nullopt : std::optional(entry->since + limits.timeout);
}

const PendingTable::Entry* PendingTable::oldest() const {
    if (entries_.empty())
        return nullptr;
    if (all_.silent.empty())
        return &entries_.at(all_.spoken.begin()->second);
    if (all_.spoken.empty())
        return &entries_.at(all_.silent.begin()->second);
    return &entries_.at(std::min(*all_.silent.begin(), *all_.spoken.begin()).second);
}

void PendingTable::enqueue(Entry& entry) {
    all_.where(entry.silent).insert(entry.place);
    by_address_[entry.address].where(entry.silent).insert(entry.place);
}

void PendingTable::dequeue(const Entry& entry) {
    all_.where(entry.silent).erase(entry.place);
    const auto same = by_address_.find(entry.address);
    same->second.where(entry.silent).erase(entry.place);
    if (same->second.size() == 0)
        by_address_.erase(same);
}

} // namespace rtspproxy::registration
