import type { TenantSettings } from '../config/settings.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { RestResponse } from '../tenants/exchange.ts';
import { presentAnswer } from './present-answer.ts';
import { contentEntries } from './respond.ts';

/** The answer at the root: the OpenAPI document of the schema. */
export function presentDocument(
  request: ApiRequest,
  document: object,
  settings: Pick<TenantSettings, 'serverCorsAllowedOrigins'>,
): RestResponse {
  const draft = {
    status: 200,
    entries: contentEntries(request, 'application/openapi+json; charset=utf-8'),
    body: request.isHead ? null : JSON.stringify(document),
  };
  return presentAnswer(draft, request.headers, settings);
}
