// A better-auth server with one SCIM connection and a store in memory.
import http from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { getAuthTables } from "better-auth/db";
import { toNodeHandler } from "better-auth/node";
import { scim } from "@better-auth/scim";

const [port, token] = process.argv.slice(2);
const tables = {};
const options = {
  baseURL: `http://127.0.0.1:${port}`,
  secret: "only-for-tests-0123456789abcdef0123456789abcdef",
  database: memoryAdapter(tables),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: "error" },
  plugins: [scim({ connections: [{ id: "interop", credentials: [{ type: "bearer", id: "ci", token }] }] })],
};
// The adapter wants every table to be there, under its key as well as under its model's name.
for (const [key, table] of Object.entries(getAuthTables(options))) {
  tables[key] ??= [];
  tables[table.modelName] ??= tables[key];
}
http.createServer(toNodeHandler(betterAuth(options))).listen(Number(port), "127.0.0.1");
