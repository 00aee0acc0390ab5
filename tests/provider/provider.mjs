// A certified OpenID provider with one client: node provider.mjs PORT REDIRECT CLIENT SECRET. Says "ready" once it serves.
import { Provider } from "oidc-provider";

const [port, redirect, id, secret] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: id, client_secret: secret, redirect_uris: [redirect], response_types: ["code"] }],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, number) => ({ accountId: number, claims: () => ({ sub: number }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
