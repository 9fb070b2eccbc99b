/** Before the first schema: zod would try `new Function`, which the policy of the page forbids. */
import { z } from 'zod'

z.config({ jitless: true })
