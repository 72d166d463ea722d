#include "app/settings/make_backend.hpp"

#include "app/settings/backend_url.hpp"
#include "app/settings/login.hpp"
#include "app/settings/secrets.hpp"

namespace rtspproxy::settings {
namespace {

// The scheme of a URL says more than an option that is about all of them.
void choose_transport(const BackendUrl& url, BackendSettings& backend) {
    if (url.transport != Transport::Automatic)
        backend.transport = url.transport;
    if (backend.transport != Transport::HttpTunnel) {
        backend.http_port = 0;
        return;
    }
    if (url.transport == Transport::HttpTunnel && url.port != 0)
        backend.http_port = url.port;
    else if (backend.http_port == 0)
        backend.http_port = url.tls ? 443 : 80;
}

} // namespace

Result<BackendSettings> make_backend(const std::string& text, const BackendSettings& defaults) {
    const auto url = parse_backend_url(text);
    if (!url)
        return tl::unexpected(url.error());
    auto backend = defaults;
    backend.url = url->url;
    backend.display_url = mask_secrets(text);
    backend.credentials = backend_login(*url, defaults.credentials);
    choose_transport(*url, backend);
    return backend;
}

} // namespace rtspproxy::settings
