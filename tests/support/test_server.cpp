#include "tests/support/test_server.hpp"

#include "tests/support/server_memory.hpp"
#include "tests/support/socket.hpp"

#include <stdexcept>

namespace rtspproxy::tests {

namespace {

constexpr const char* kRole = "viewer";

template <class T>
using Owned = std::unique_ptr<T, Deleter<g_object_unref>>;

bool is_ipv6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

} // namespace

TestServer::TestServer(const ServerOptions& options)
    : context_(Ref<GMainContext>::adopt(g_main_context_new())),
      loop_(Ref<GMainLoop>::adopt(g_main_loop_new(context_.get(), FALSE))),
      memory_(std::make_shared<Memory>()), server_(gst_rtsp_server_new()),
      address_(options.address) {
    gst_rtsp_server_set_address(server_.get(), options.address.c_str());
    gst_rtsp_server_set_service(server_.get(), std::to_string(options.port).c_str());
    gst_rtsp_server_set_backlog(server_.get(), 128);
    if (options.user)
        require_login(options);
    watch_clients(server_.get(), memory_);
    GError* error = nullptr;
    source_ = gst_rtsp_server_create_source(server_.get(), nullptr, &error);
    const GErrorPtr owner(error);
    if (source_ == nullptr)
        throw std::runtime_error("the test server cannot listen: " + std::string(error->message));
    g_source_attach(source_, context_.get());
    port_ = static_cast<std::uint16_t>(gst_rtsp_server_get_bound_port(server_.get()));
    thread_ = std::thread([this] {
        g_main_context_push_thread_default(context_.get());
        g_main_loop_run(loop_.get());
        g_main_context_pop_thread_default(context_.get());
    });
}

TestServer::~TestServer() {
    g_source_destroy(source_);
    g_source_unref(source_);
    const auto remove = [](GstRTSPServer*, GstRTSPClient*, gpointer) {
        return GST_RTSP_FILTER_REMOVE;
    };
    gst_rtsp_server_client_filter(server_.get(), remove, nullptr);
    g_main_loop_quit(loop_.get());
    thread_.join();
}

void TestServer::require_login(const ServerOptions& options) {
    login_required_ = true;
    const Owned<GstRTSPAuth> auth(gst_rtsp_auth_new());
    const std::unique_ptr<GstRTSPToken, Deleter<gst_rtsp_token_unref>> token(
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, kRole, nullptr));
    if (options.digest) {
        gst_rtsp_auth_set_supported_methods(auth.get(), GST_RTSP_AUTH_DIGEST);
        gst_rtsp_auth_add_digest(auth.get(), options.user->c_str(), options.password.c_str(),
                                 token.get());
    } else {
        const GCharPtr basic(
            gst_rtsp_auth_make_basic(options.user->c_str(), options.password.c_str()));
        gst_rtsp_auth_add_basic(auth.get(), basic.get(), token.get());
    }
    gst_rtsp_server_set_auth(server_.get(), auth.get());
}

// See multicast.hpp.
void TestServer::make_multicast(GstRTSPMediaFactory* factory) {
    const Owned<GstRTSPAddressPool> pool(gst_rtsp_address_pool_new());
    const auto first_port = free_port();
    const auto group = "239.255.7." + std::to_string(++multicast_mounts_);
    gst_rtsp_address_pool_add_range(pool.get(), group.c_str(), group.c_str(), first_port,
                                    static_cast<guint16>(first_port + 19), 1);
    gst_rtsp_media_factory_set_address_pool(factory, pool.get());
    gst_rtsp_media_factory_set_multicast_iface(factory, "lo");
    gst_rtsp_media_factory_set_protocols(factory, GST_RTSP_LOWER_TRANS_UDP_MCAST);
}

void TestServer::mount(const std::string& path, const std::string& launch, MountOptions options) {
    GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, launch.c_str());
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    if (options.multicast)
        make_multicast(factory);
    if (options.encrypted)
        gst_rtsp_media_factory_set_profiles(factory, GST_RTSP_PROFILE_SAVP);
    if (login_required_)
        gst_rtsp_media_factory_add_role(factory, kRole, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
                                        G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
                                        G_TYPE_BOOLEAN, TRUE, nullptr);
    watch_media(factory, memory_, path, options);
    const Owned<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server_.get()));
    gst_rtsp_mount_points_add_factory(mounts.get(), path.c_str(), factory);
}

std::string TestServer::url(const std::string& path, const std::string& login,
                            const std::string& host) const {
    const std::string name = host.empty() ? address_ : host;
    return "rtsp://" + login + (is_ipv6(name) ? "[" + name + "]" : name) + ":" +
           std::to_string(port_) + path;
}

ServerCounts TestServer::counts() {
    return *memory_->counts.lock();
}
int TestServer::count(const std::string& method) {
    return memory_->counts.lock()->methods[method];
}

unsigned TestServer::sessions_now() {
    const Owned<GstRTSPSessionPool> pool(gst_rtsp_server_get_session_pool(server_.get()));
    return gst_rtsp_session_pool_get_n_sessions(pool.get());
}

std::vector<ReceiverReport> TestServer::reports() {
    return *memory_->reports.lock();
}

std::vector<RtpRecord> TestServer::sent(const std::string& path, unsigned track) {
    return memory_->log(path, track)->packets();
}

} // namespace rtspproxy::tests
