export { DEFAULT_SEED } from '../../harness/campaign/campaign.ts'
