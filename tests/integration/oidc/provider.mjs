// An OpenID Connect provider for tests: node provider.mjs '{"port":0,"redirect":"...","secret":"...","conform":false}'
// It prints its issuer once it listens. Each name signs in with any password; the groups are part of the name.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

const settings = JSON.parse(process.argv[2]);
const { Provider } = await import(`${settings.modules}/oidc-provider/lib/index.js`);

const server = createServer();
await new Promise((resolve) => server.listen(settings.port, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: `k${Date.now()}` };

const provider = new Provider(issuer, {
  clients: [{
    client_id: "concord-desk",
    client_secret: settings.secret,
    token_endpoint_auth_method: "client_secret_post",
    redirect_uris: [settings.redirect],
    post_logout_redirect_uris: [settings.back],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  }],
  jwks: { keys: [key] },
  cookies: { keys: ["for tests alone"] },
  pkce: { methods: ["S256"], required: () => true },
  claims: { openid: ["sub", "groups"] },
  conformIdTokenClaims: settings.conform,
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, groups: id.split(".").slice(1) }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
