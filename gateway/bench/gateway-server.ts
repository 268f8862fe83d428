/** Our side of the comparison. */
import { createServer } from 'node:http';
import { Gateway, requestListener } from '../src/tenants/gateway.ts';
import { receive } from './child.ts';
import { benchSettings } from './database.ts';

const { dsn } = await receive<{ dsn: string }>();
const gateway = new Gateway();
await gateway.setTenant('bench', await benchSettings(dsn));
const server = createServer(requestListener(gateway, ({ url = '/' }) => ({ tenantId: 'bench', url })));
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
