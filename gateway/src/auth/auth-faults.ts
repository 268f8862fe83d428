import { RestFault } from '../fault.ts';

/** 500 PGRST300: a token came, and there is nothing to check it with. */
export function noSecretFault(): RestFault {
  return new RestFault(500, 'PGRST300', 'Server lacks JWT secret');
}

/** 401 PGRST302: no token, or none with a role, where nobody may come without. */
export function tokenRequiredFault(): RestFault {
  return new RestFault(401, 'PGRST302', 'Anonymous access is disabled', {
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** 401 PGRST301: the token cannot be read, or nobody we know signed it. */
export function tokenFault(message: string, details: string | null = null): RestFault {
  return new RestFault(401, 'PGRST301', message, { details, headers: invalidToken(message) });
}

/** 401 PGRST303: the token is genuine, but what it claims does not hold here and now. */
export function claimsFault(message: string): RestFault {
  return new RestFault(401, 'PGRST303', message, { headers: invalidToken(message) });
}

/** RFC 6750, section 3. The messages are ours, so that none needs escaping. */
function invalidToken(message: string): Record<string, string> {
  return { 'www-authenticate': `Bearer error="invalid_token", error_description="${message}"` };
}
