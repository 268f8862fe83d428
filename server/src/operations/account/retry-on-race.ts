import { isUniqueViolation } from '../../store/postgres-error.ts';

const ATTEMPTS = 5;

/** Runs a whole transaction again when somebody else took the same name or address at the same moment. */
export async function retryOnRace<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (!isUniqueViolation(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
