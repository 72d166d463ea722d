#include "plugins/registration/registrar.hpp"

#include "plugins/text/secrets.hpp"

#include <cerrno>

GST_DEBUG_CATEGORY_EXTERN(rtspregister_debug);
#define GST_CAT_DEFAULT rtspregister_debug

namespace rtspproxy::registration {

namespace {

GstResourceError resource_error(int code) {
    switch (code) {
    case EADDRINUSE:
        return GST_RESOURCE_ERROR_BUSY;
    case EACCES:
        return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
    case EINVAL:
        return GST_RESOURCE_ERROR_SETTINGS;
    default:
        return GST_RESOURCE_ERROR_OPEN_READ_WRITE;
    }
}

const char* name_of(Counter counter) {
    for (const CounterDescription& description : kCounterDescriptions)
        if (description.counter == counter)
            return description.name;
    return "";
}

const char* c_string_or_null(const std::optional<std::string>& text) {
    return text ? text->c_str() : nullptr;
}

// No handler, or none with an opinion, is consent; nonsense is an error of ours.
unsigned status_from(guint returned) {
    constexpr guint kLowest = 200;
    constexpr guint kHighest = 599;
    if (returned == 0)
        return kLowest;
    return returned < kLowest || returned > kHighest ? 500 : returned;
}

} // namespace

bool Registrar::start() {
    const ListenOptions options = *listen_options_.lock();
    const auto port = door_.open(options);
    if (!port) {
        // GST_ELEMENT_ERROR takes its code as a name; here it is a value.
        gst_element_message_full(
            element_, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, resource_error(port.error().code),
            g_strdup(port.error().message.c_str()), nullptr, __FILE__, GST_FUNCTION, __LINE__);
        return false;
    }
    bound_port_ = *port;
    GST_INFO_OBJECT(element_, "listening on %s port %u",
                    options.address.empty() ? "all addresses" : options.address.c_str(), *port);
    return true;
}

void Registrar::stop() {
    door_.close();
    bound_port_ = 0;
}

StructurePtr Registrar::statistics() const {
    StructurePtr structure(gst_structure_new_empty("rtspregister-stats"));
    const Counters& counters = door_.counters();
    for (const CounterDescription& description : kCounterDescriptions)
        gst_structure_set(structure.get(), description.name, G_TYPE_UINT64,
                          static_cast<guint64>(counters.get(description.counter)), nullptr);
    gst_structure_set(structure.get(), "pending", G_TYPE_UINT64,
                      static_cast<guint64>(counters.pending.load()), nullptr);
    return structure;
}

// Accounts

void Registrar::change_accounts(const std::function<void(Accounts&)>& change) {
    auto accounts = accounts_.lock();
    change(*accounts);
    auto all = accounts->added;
    if (!accounts->property.user.empty())
        all[accounts->property.user] = accounts->property.password;
    door_.judge_options().lock()->accounts = std::move(all);
}

void Registrar::set_user(const char* user) {
    change_accounts(
        [user](Accounts& accounts) { accounts.property.user = user != nullptr ? user : ""; });
}

std::string Registrar::user() {
    return accounts_.lock()->property.user;
}

void Registrar::set_password(const char* password) {
    change_accounts([password](Accounts& accounts) {
        accounts.property.password = password != nullptr ? password : "";
    });
}

void Registrar::add_user(const char* user, const char* password) {
    if (user == nullptr || *user == '\0') {
        GST_WARNING_OBJECT(element_, "add-user: the user name is empty; nobody was added");
        return;
    }
    change_accounts(
        [=](Accounts& accounts) { accounts.added[user] = password != nullptr ? password : ""; });
}

void Registrar::clear_users() {
    change_accounts([](Accounts& accounts) { accounts = {}; });
}

// Front door's thread

bool Registrar::connection_arrived(GSocket* socket, const Peer& peer) {
    gboolean taken = FALSE;
    g_signal_emit(element_, signals_.connection, 0, socket, nullptr, peer.address.c_str(),
                  static_cast<guint>(peer.port), &taken);
    GST_LOG_OBJECT(element_, "connection of %s port %u: %s", peer.address.c_str(), peer.port,
                   taken ? "passed on" : "nobody took it");
    return taken != FALSE;
}

unsigned Registrar::stream_registered(const Request& request, GSocket* socket, const Peer& peer) {
    guint returned = 0;
    g_signal_emit(element_, signals_.registered, 0, request.url.c_str(),
                  c_string_or_null(request.suffix), static_cast<gboolean>(request.interleaved),
                  socket, peer.address.c_str(), &returned);
    const unsigned status = status_from(returned);
    post("rtsp-register", request, peer, status);
    return status;
}

unsigned Registrar::stream_deregistered(const Request& request, const Peer& peer) {
    guint returned = 0;
    g_signal_emit(element_, signals_.deregistered, 0, request.url.c_str(),
                  c_string_or_null(request.suffix), peer.address.c_str(), &returned);
    const unsigned status = status_from(returned);
    post("rtsp-deregister", request, peer, status);
    return status;
}

void Registrar::connection_reusable(GSocket* socket, const Request& request, const Peer& peer) {
    g_signal_emit(element_, signals_.reuse, 0, socket, request.url.c_str(),
                  c_string_or_null(request.suffix), peer.address.c_str());
}

void Registrar::request_refused(const Request& request, const Peer& peer, unsigned status) {
    // The URL has not been checked, so its password cannot be told from the rest.
    GST_INFO_OBJECT(element_, "%s by %s port %u refused: %u", to_string(request.method).data(),
                    peer.address.c_str(), peer.port, status);
}

void Registrar::connection_dropped(const Peer& peer, Counter reason) {
    GST_DEBUG_OBJECT(element_, "connection of %s port %u ended: %s", peer.address.c_str(),
                     peer.port, name_of(reason));
}

void Registrar::post(const char* name, const Request& request, const Peer& peer, unsigned status) {
    const std::string url = text::mask_secrets(request.url);
    GST_INFO_OBJECT(element_, "%s of %s by %s port %u: %u", to_string(request.method).data(),
                    url.c_str(), peer.address.c_str(), peer.port, status);
    GstStructure* structure =
        gst_structure_new(name, "url", G_TYPE_STRING, url.c_str(), "address", G_TYPE_STRING,
                          peer.address.c_str(), "status", G_TYPE_UINT, status, nullptr);
    if (request.suffix)
        gst_structure_set(structure, "suffix", G_TYPE_STRING, request.suffix->c_str(), nullptr);
    if (request.method == Method::Register)
        gst_structure_set(structure, "interleaved", G_TYPE_BOOLEAN,
                          static_cast<gboolean>(request.interleaved), "reuse-connection",
                          G_TYPE_BOOLEAN, static_cast<gboolean>(request.reuse_connection), nullptr);
    gst_element_post_message(element_, gst_message_new_element(GST_OBJECT(element_), structure));
}

} // namespace rtspproxy::registration
