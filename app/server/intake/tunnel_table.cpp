#include "app/server/intake/tunnel_table.hpp"

#include <utility>

namespace rtspproxy::server {

void TunnelMailbox::watch_in(GMainContext* context) {
    shared_.lock()->context = Ref<GMainContext>::share(context);
}

void TunnelMailbox::put(TunnelPost post) {
    std::optional<TunnelPost> replaced; // is closed without the lock
    shared_.with([&](Shared& shared) { replaced = std::exchange(shared.post, std::move(post)); });
    wake();
}

void TunnelMailbox::put_moved() {
    moved_.store(true, std::memory_order_release);
    wake();
}

void TunnelMailbox::wake() {
    waits_.store(true, std::memory_order_release);
    const auto context = shared_.with([](Shared& shared) { return shared.context; });
    if (context)
        g_main_context_wakeup(context.get());
}

std::optional<TunnelPost> TunnelMailbox::take_post() {
    waits_.store(false, std::memory_order_release);
    return shared_.with([](Shared& shared) { return std::exchange(shared.post, std::nullopt); });
}

bool TunnelTable::open(const std::string& cookie, const MailboxPtr& mailbox) {
    std::optional<TunnelPost> waiting;
    MailboxPtr poster;
    {
        auto entries = entries_.lock();
        Entry& entry = (*entries)[cookie];
        if (entry.get)
            return false;
        entry.get = mailbox;
        poster = std::exchange(entry.post, nullptr);
        waiting = std::exchange(entry.waiting, std::nullopt);
    }
    if (waiting) {
        mailbox->put(std::move(*waiting));
        poster->put_moved();
    }
    return true;
}

void TunnelTable::join(const std::string& cookie, TunnelPost post, const MailboxPtr& mailbox) {
    MailboxPtr getter, replaced;
    std::optional<TunnelPost> gone;
    {
        auto entries = entries_.lock();
        Entry& entry = (*entries)[cookie];
        getter = entry.get;
        if (!getter) {
            replaced = std::exchange(entry.post, mailbox);
            gone = std::exchange(entry.waiting, std::move(post));
        }
    }
    if (replaced)
        replaced->put_moved(); // nobody will come for it any more
    if (getter) {
        getter->put(std::move(post));
        mailbox->put_moved();
    }
}

void TunnelTable::leave(const std::string& cookie, const MailboxPtr& mailbox) {
    std::optional<TunnelPost> gone;
    auto entries = entries_.lock();
    const auto found = entries->find(cookie);
    if (found == entries->end())
        return;
    Entry& entry = found->second;
    if (entry.get == mailbox)
        entry.get = nullptr;
    if (entry.post == mailbox) {
        entry.post = nullptr;
        gone = std::exchange(entry.waiting, std::nullopt);
    }
    if (!entry.get && !entry.post)
        entries->erase(found);
}

} // namespace rtspproxy::server
