// The directory sync of Polis behind node:http, with a store in memory. The product's own route hands a request over in
// the same way. `GET /__members/GROUP?u=USER` tells who of these is in a group, which the product never shows.
import http from "node:http";
import jackson from "@boxyhq/saml-jackson";

const [port, token] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const { directorySyncController: sync } = await jackson.default({
  externalUrl: base, samlAudience: "interop", samlPath: "/sso", scimPath: "/scim/v2", db: { engine: "mem" }, noAnalytics: true,
});
const [tenant, product] = ["acme", "interop"];
const { data: directory, error } = await sync.directories.create({ name: "interop", tenant, product, type: "generic-scim-v2" });
if (error) throw error;

const body = async request => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
};

const members = async ({ pathname, searchParams }) => {
  const groups = sync.groups.setTenantAndProduct(tenant, product);
  const asked = searchParams.getAll("u");
  const inside = await Promise.all(asked.map(user => groups.isUserInGroup(pathname.split("/")[2], user)));
  return { status: 200, data: asked.filter((_, index) => inside[index]) };
};

const scim = async (request, { pathname, searchParams }) => {
  const [resourceType = "", resourceId] = pathname.split("/").slice(3).map(decodeURIComponent);
  const number = name => (searchParams.has(name) ? Number.parseInt(searchParams.get(name), 10) : undefined);
  const given = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  return sync.requests.handle({
    method: request.method, directoryId: directory.id, resourceType, resourceId, body: await body(request),
    apiSecret: given === token ? directory.scim.secret : given,
    query: { count: number("count"), startIndex: number("startIndex"), filter: searchParams.get("filter") ?? undefined },
  }, async () => {});
};

http.createServer(async (request, response) => {
  const answer = (status, data) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(data));
  };
  try {
    const url = new URL(request.url, base);
    const { status, data } = await (url.pathname.startsWith("/__members/") ? members(url) : scim(request, url));
    answer(status, data);
  } catch (failure) {
    answer(500, { error: { message: String(failure) } });
  }
}).listen(Number(port), "127.0.0.1");
