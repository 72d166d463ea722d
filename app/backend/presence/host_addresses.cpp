#include "app/backend/presence/host_addresses.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>
#include <netdb.h>

#include <cstring>
#include <utility>

namespace rtspproxy::backend {
namespace {

using Time = HostAddresses::Time;

// For so long an answer is used, and a failure is believed.
constexpr Time kAnswerLife{10'000};
constexpr Time kFailureLife{1000};
// GLib's pool of threads is shared with everybody who looks up a name: some have to be left for
// the back ends that are there.
constexpr unsigned kMostLookups = 4;

std::string decimal(std::uint16_t port) {
    return std::to_string(port);
}

std::vector<SocketAddress> parse_numeric(const Endpoint& endpoint) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (getaddrinfo(endpoint.host.c_str(), decimal(endpoint.port).c_str(), &hints, &raw) != 0)
        return {};
    const std::unique_ptr<addrinfo, Deleter<freeaddrinfo>> found(raw);
    SocketAddress address;
    address.size = found->ai_addrlen;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    return {address};
}

SocketAddress native(GInetAddress* address, std::uint16_t port) {
    const auto whole = Ref<GSocketAddress>::adopt(g_inet_socket_address_new(address, port));
    SocketAddress result;
    if (g_socket_address_to_native(whole.get(), &result.storage, sizeof result.storage, nullptr))
        result.size = static_cast<socklen_t>(g_socket_address_get_native_size(whole.get()));
    return result;
}

} // namespace

Endpoint endpoint_of(const settings::BackendSettings& settings) {
    GstRTSPUrl* raw = nullptr;
    if (gst_rtsp_url_parse(settings.url.c_str(), &raw) != GST_RTSP_OK)
        return {};
    const RtspUrlPtr url(raw);
    Endpoint endpoint;
    endpoint.host = url->host != nullptr ? url->host : "";
    gst_rtsp_url_get_port(url.get(), &endpoint.port);
    if (settings.transport == settings::Transport::HttpTunnel && settings.http_port != 0)
        endpoint.port = settings.http_port;
    return endpoint;
}

struct HostAddresses::Lookup {
    static inline unsigned running = 0; // main context

    explicit Lookup(HostAddresses& asking) : owner(&asking) { ++running; }
    ~Lookup() { --running; }
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;

    HostAddresses* owner; // null: nobody wants to know any more
};

HostAddresses::HostAddresses(Endpoint endpoint)
    : endpoint_(std::move(endpoint)), addresses_(parse_numeric(endpoint_)),
      numeric_(!addresses_.empty()) {}

HostAddresses::~HostAddresses() {
    // It is not cancelled: its thread would be occupied all the same, and no longer counted.
    if (lookup_)
        lookup_->owner = nullptr;
}

const std::vector<SocketAddress>& HostAddresses::get(Time now) {
    if (!numeric_ && !lookup_ && now >= look_up_at_ && Lookup::running < kMostLookups)
        look_up(now);
    return addresses_;
}

void HostAddresses::look_up(Time now) {
    lookup_ = std::make_shared<Lookup>(*this);
    look_up_at_ = now + kAnswerLife;
    const auto resolver = Ref<GResolver>::adopt(g_resolver_get_default());
    const auto on_answer = [](GObject* source, GAsyncResult* result, gpointer data) noexcept {
        const std::unique_ptr<std::shared_ptr<Lookup>> lookup(
            static_cast<std::shared_ptr<Lookup>*>(data));
        const std::unique_ptr<GList, Deleter<g_resolver_free_addresses>> found(
            g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, nullptr));
        HostAddresses* const self = (*lookup)->owner;
        if (self == nullptr)
            return;
        self->lookup_.reset();
        self->addresses_.clear();
        for (const GList* item = found.get(); item != nullptr; item = item->next)
            self->addresses_.push_back(
                native(static_cast<GInetAddress*>(item->data), self->endpoint_.port));
        if (!found)
            self->look_up_at_ -= kAnswerLife - kFailureLife;
    };
    g_resolver_lookup_by_name_async(resolver.get(), endpoint_.host.c_str(), nullptr, on_answer,
                                    std::make_unique<std::shared_ptr<Lookup>>(lookup_).release());
}

} // namespace rtspproxy::backend
